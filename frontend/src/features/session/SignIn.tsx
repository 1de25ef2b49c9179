"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, isUnauthorized } from "@/api/errors";
import { signIn } from "@/api/session";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { Mark } from "@/components/Mark";
import { TextInput } from "@/components/TextInput";
import { markSignedIn } from "./session-state";

/** Shown instead of a page when the server wants a token. */
export function SignIn() {
  const [token, setToken] = useState("");
  const queries = useQueryClient();
  const attempt = useMutation({
    mutationFn: signIn,
    meta: { keepsSession: true },
    onSuccess: async () => {
      markSignedIn();
      await queries.resetQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate(token.trim());
  };
  return (
    <main id="main" className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <Mark className="mb-5 size-9 text-accent-text" />
        <h1 className="font-semibold text-xl">Sign in to shipstack</h1>
        <p className="mt-1 mb-6 text-muted text-sm">
          This server asks for its token. The person who runs it set it as SHIPSTACK_TOKEN.
        </p>
        <form onSubmit={submit} className="flex flex-col gap-4">
          <Field id="token" label="Token" error={wording(attempt.error)}>
            <TextInput
              id="token"
              type="password"
              autoComplete="current-password"
              autoFocus
              required
              tall
              mono
              value={token}
              invalid={attempt.isError}
              onChange={(event) => setToken(event.target.value)}
            />
          </Field>
          <Button type="submit" look="primary" size="lg" disabled={attempt.isPending}>
            {attempt.isPending ? "Signing in…" : "Sign in"}
          </Button>
        </form>
        <p className="mt-6 text-muted text-xs">
          The token is kept in a cookie that scripts cannot read. Deployed sites need none.
        </p>
      </div>
    </main>
  );
}

function wording(error: unknown): string | undefined {
  if (!error) return undefined;
  if (isUnauthorized(error)) return "This is not the server's token.";
  return error instanceof ApiError ? error.message : String(error);
}
