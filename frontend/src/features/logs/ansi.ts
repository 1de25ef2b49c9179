/** Colours of a line as data. Nothing a build prints ever becomes markup. */

import Anser from "anser";
import { visibleText } from "./terminal-text";

export interface TextRun {
  text: string;
  className: string;
  /** A colour outside the sixteen named ones. */
  colour: string | undefined;
}

const NAMED: Record<string, string> = {
  black: "text-[var(--ansi-black)]",
  red: "text-[var(--ansi-red)]",
  green: "text-[var(--ansi-green)]",
  yellow: "text-[var(--ansi-yellow)]",
  blue: "text-[var(--ansi-blue)]",
  magenta: "text-[var(--ansi-magenta)]",
  cyan: "text-[var(--ansi-cyan)]",
  white: "text-[var(--ansi-white)]",
};

const DECORATIONS: Record<string, string> = {
  bold: "font-semibold",
  dim: "text-muted",
  italic: "italic",
  underline: "underline",
  strikethrough: "line-through",
};

export function parseAnsi(raw: string): TextRun[] {
  const text = visibleText(raw);
  if (!text.includes("\x1b")) return [{ text, className: "", colour: undefined }];
  return Anser.ansiToJson(text, { use_classes: true, remove_empty: true }).map((part) => ({
    text: part.content.replaceAll("\x1b", ""),
    className: [named(part.fg), ...part.decorations.map((each) => DECORATIONS[each] ?? "")]
      .filter(Boolean)
      .join(" "),
    colour: part.fg === "ansi-truecolor" && part.fg_truecolor ? `rgb(${part.fg_truecolor})` : undefined,
  }));
}

/** `ansi-bright-red` and `ansi-red` are one colour here: bright ones are there for dark grounds only. */
function named(colour: string | null): string {
  const name = colour?.replace(/^ansi-(bright-)?/, "") ?? "";
  return NAMED[name] ?? "";
}
