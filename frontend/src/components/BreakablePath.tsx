import { Fragment } from "react";

/** A path or address that may go on in the next line after a slash or before a dot, and is copied as it is. */
export function BreakablePath({ text }: { text: string }) {
  return text.split(/(?<=\/)|(?=\.)/).map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move.
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
