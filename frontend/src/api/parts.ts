/** A browser hands over megabytes in one piece when they come fast; in parts, whoever reads them can stop to breathe. */

const PART = 32 * 1024;

export function* partsOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += PART) yield text.slice(at, at + PART);
}
