"use client";

import dynamic from "next/dynamic";
import type { ReactNode } from "react";
import { useTokenNeeded } from "./session-state";

const SignIn = dynamic(() => import("./SignIn").then((module) => module.SignIn), { ssr: false });

/** The app, or the sign-in when the server wants a token. */
export function SessionGate({ children }: { children: ReactNode }) {
  return useTokenNeeded() ? <SignIn /> : children;
}
