/** From what a program wrote to a terminal to what a person would have seen of the line. */

const ESC = "\\u001b";
const BEL = "\\u0007";
/** Escape sequences that are not colours: cursor moves, erasures, titles, hyperlinks. */
const OTHER_ESCAPES = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-ln-~]|\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?|[()][A-Z0-9]|[@-Z\\\\^_=>])`,
  "g",
);
const COLOURS = new RegExp(`${ESC}\\[[0-9;:]*m`, "g");
/** Longest text of a line that is laid out; the download has the rest. */
const LONGEST = 6_000;

/** `\r` returns to the start of the line, so of a progress bar only its last state is left. */
export function collapseProgress(text: string): string {
  if (!text.includes("\r")) return text;
  const states = text.split("\r");
  return states.findLast((state) => state.trim() !== "") ?? "";
}

/** The text with its colours and nothing else that a terminal would act on. */
export function visibleText(text: string): string {
  // Most lines have neither; looking is cheaper than replacing.
  const drawn = text.includes("\r") || text.includes("\b") ? eraseBack(collapseProgress(text)) : text;
  const shown = drawn.includes("\x1b") ? drawn.replace(OTHER_ESCAPES, "") : drawn;
  return shown.length > LONGEST
    ? `${shown.slice(0, LONGEST)} … ${shown.length - LONGEST} more characters`
    : shown;
}

/** The words alone, for searching. */
export function plainText(text: string): string {
  const shown = visibleText(text);
  return shown.includes("\x1b") ? shown.replace(COLOURS, "").replaceAll("\x1b", "") : shown;
}

function eraseBack(text: string): string {
  if (!text.includes("\b")) return text;
  const kept: string[] = [];
  for (const letter of text) {
    if (letter === "\b") kept.pop();
    else kept.push(letter);
  }
  return kept.join("");
}
