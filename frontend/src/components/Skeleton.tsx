import { classes } from "./classes";

/** The place of something that is coming, in its size. */
export function Skeleton({ className }: { className: string }) {
  return <span aria-hidden className={classes("block animate-pulse rounded bg-sunken", className)} />;
}
