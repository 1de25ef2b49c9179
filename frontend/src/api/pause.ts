/** Waits that end early when they are no longer wanted. */

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

/** Resolves at once on a page that is seen, else when it is seen again: hidden tabs hold no connection. */
export function untilVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.visibilityState === "hidden" && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look, { once: true });
    look();
  });
}

/** A signal that ends with `outer`, or when the page is hidden. */
export function whileVisible(outer: AbortSignal): { signal: AbortSignal; release: () => void } {
  const own = new AbortController();
  const look = () => {
    if (document.visibilityState === "hidden" || outer.aborted) own.abort();
  };
  document.addEventListener("visibilitychange", look);
  outer.addEventListener("abort", look, { once: true });
  look();
  return { signal: own.signal, release: () => document.removeEventListener("visibilitychange", look) };
}

/** Lets the browser paint and answer before going on. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
