/** Whether the server asked for a token. Set by whoever is refused, cleared by signing in. */

import { useSyncExternalStore } from "react";

let refused = false;
const listeners = new Set<() => void>();

function set(next: boolean): void {
  if (refused === next) return;
  refused = next;
  for (const listener of listeners) listener();
}

export const markSignedOut = () => set(true);
export const markSignedIn = () => set(false);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTokenNeeded(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => refused,
    () => false,
  );
}
