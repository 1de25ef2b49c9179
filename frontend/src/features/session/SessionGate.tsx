"use client";

import type { ReactNode } from "react";
import { SignIn } from "./SignIn";
import { useTokenNeeded } from "./session-state";

/** The app, or the sign-in when the server wants a token. */
export function SessionGate({ children }: { children: ReactNode }) {
  return useTokenNeeded() ? <SignIn /> : children;
}
