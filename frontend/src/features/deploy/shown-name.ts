/** Longest name that the API takes, in characters. */
const LONGEST = 100;

/** As much of a file's name as the API shows: one line, nothing invisible in it; undefined when nothing is left. */
export function shownName(name: string): string | undefined {
  const visible = name.replace(/[\p{Cc}\p{Cf}\u2028\u2029\u2065]/gu, "").trim();
  return [...visible].slice(0, LONGEST).join("").trim() || undefined;
}
