import type { ButtonHTMLAttributes, ReactNode } from "react";
import { classes } from "./classes";

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "aria-label"> {
  label: string;
  children: ReactNode;
  pressed?: boolean;
}

/** A square button whose only content is an icon; the label is its name and its tooltip. */
export function IconButton({ label, children, pressed, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      className={classes(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-md transition-colors hover:bg-sunken hover:text-ink disabled:cursor-not-allowed disabled:opacity-45",
        pressed ? "bg-accent-soft text-accent-text" : "text-muted",
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}
