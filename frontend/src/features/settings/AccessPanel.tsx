"use client";

import { useMutation } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { signOut } from "@/api/session";
import { Button } from "@/components/Button";
import { ErrorState } from "@/components/ErrorState";
import { Panel } from "@/components/Panel";
import { markSignedOut } from "@/features/session/session-state";

/** The session of this browser. */
export function AccessPanel() {
  const leave = useMutation({ mutationFn: signOut, onSuccess: markSignedOut });
  return (
    <Panel title="Access">
      <p className="text-muted text-sm">
        With SHIPSTACK_TOKEN set, every request needs the token. This browser keeps it in a cookie that
        scripts cannot read.
      </p>
      <Button className="mt-4" onClick={() => leave.mutate()} disabled={leave.isPending}>
        <LogOut aria-hidden className="size-4" /> Sign out
      </Button>
      {leave.error && (
        <div className="mt-4">
          <ErrorState error={leave.error} />
        </div>
      )}
    </Panel>
  );
}
