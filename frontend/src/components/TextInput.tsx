import type { InputHTMLAttributes } from "react";
import { classes } from "./classes";

export const INPUT_CLASS =
  "w-full min-w-0 rounded-md border border-line-strong bg-canvas px-3 text-ink transition-colors hover:border-muted focus-visible:border-accent-text focus-visible:outline-offset-0 aria-[invalid=true]:border-error disabled:opacity-60";

export interface TextInputProps extends InputHTMLAttributes<HTMLInputElement> {
  id: string;
  invalid?: boolean;
  mono?: boolean;
  tall?: boolean;
}

/** A line of text; its note (hint or error) is `<id>-note` of its Field. */
export function TextInput({
  id,
  invalid = false,
  mono = false,
  tall = false,
  className,
  ...rest
}: TextInputProps) {
  return (
    <input
      id={id}
      aria-invalid={invalid || undefined}
      aria-describedby={`${id}-note`}
      className={classes(
        INPUT_CLASS,
        tall ? "h-11 text-base" : "h-9 text-sm",
        mono && "font-mono",
        className,
      )}
      autoComplete="off"
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      {...rest}
    />
  );
}
