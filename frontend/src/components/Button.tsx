import type { ButtonHTMLAttributes } from "react";
import { classes } from "./classes";

export type ButtonLook = "primary" | "secondary" | "quiet" | "danger";
export type ButtonSize = "sm" | "md" | "lg";

const BASE =
  "inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-md font-medium transition-colors duration-100 disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:opacity-55";

const LOOKS: Record<ButtonLook, string> = {
  primary: "bg-accent-solid text-on-accent hover:bg-accent-solid-hover",
  secondary: "border border-line bg-raised text-ink hover:border-line-strong hover:bg-sunken",
  quiet: "text-muted hover:bg-sunken hover:text-ink",
  danger: "border border-line bg-raised text-error-text hover:border-error hover:bg-error-soft",
};

const SIZES: Record<ButtonSize, string> = {
  sm: "h-8 px-2.5 text-sm",
  md: "h-9 px-3.5 text-sm",
  lg: "h-11 px-5 text-base",
};

export function buttonClass(look: ButtonLook = "secondary", size: ButtonSize = "md"): string {
  return classes(BASE, LOOKS[look], SIZES[size]);
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook;
  size?: ButtonSize;
}

export function Button({ look = "secondary", size = "md", className, type, ...rest }: ButtonProps) {
  return <button type={type ?? "button"} className={classes(buttonClass(look, size), className)} {...rest} />;
}
