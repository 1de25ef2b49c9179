"use client";

import { useMutation } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { signOut } from "@/api/session";
import { Button } from "@/components/Button";
import { ErrorState } from "@/components/ErrorState";
import { Panel } from "@/components/Panel";
import { markSignedOut } from "@/features/session/session-state";
import { useServer } from "./queries";

/** The session of this browser. */
export function AccessPanel() {
  const leave = useMutation({ mutationFn: signOut, onSuccess: markSignedOut });
  const server = useServer();
  if (!server.data?.tokenNeeded) {
    return (
      <Panel title="Access">
        <p className="text-muted text-sm">
          {server.data
            ? "This server asks for no token: whoever reaches it may deploy. SHIPSTACK_TOKEN changes that."
            : "Whether this server asks for a token is not known yet."}
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Access">
      <p className="text-muted text-sm">
        This server asks for its token. This browser has it in a cookie that scripts cannot read.
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
