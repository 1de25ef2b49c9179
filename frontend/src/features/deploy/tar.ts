/**
 * Archives a folder in the browser: POSIX ustar, with a pax header for names that do not fit. Files are not read here: the
 * archive is a Blob that refers to them, so a folder of gigabytes costs no memory.
 */

const BLOCK = 512;
const encoder = new TextEncoder();

export interface TarFile {
  /** From the root of the archive, with `/`. */
  path: string;
  content: Blob;
}

export function tarOf(files: readonly TarFile[]): Blob {
  const parts: BlobPart[] = [];
  for (const { path, content } of files) {
    if (!fitsUstar(path)) parts.push(...paxParts(path));
    parts.push(header(path, content.size, "0"), content, padding(content.size));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return new Blob(parts, { type: "application/x-tar" });
}

/** Names of ASCII up to 100 bytes; all others go into a pax header, which has no limit and is UTF-8. */
function fitsUstar(path: string): boolean {
  return path.length <= 100 && /^[\x20-\x7e]*$/.test(path);
}

function paxParts(path: string): BlobPart[] {
  const record = paxRecord("path", path);
  return [header("PaxHeader", record.length, "x"), record, padding(record.length)];
}

/** `<length> path=<value>\n`, where the length counts itself. */
function paxRecord(name: string, value: string): Uint8Array<ArrayBuffer> {
  const rest = encoder.encode(` ${name}=${value}\n`).length;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length += 1;
  return encoder.encode(`${length} ${name}=${value}\n`);
}

function header(path: string, bytes: number, type: "0" | "x"): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const put = (offset: number, text: string) => block.set(encoder.encode(text), offset);
  block.set(encoder.encode(path).subarray(0, 100), 0);
  put(100, "0000644\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, sizeField(bytes));
  put(136, "00000000000\0");
  put(148, "        ");
  put(156, type);
  put(257, "ustar\x0000");
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** Octal; what passes 8 GiB does not fit, and no server takes it. */
function sizeField(bytes: number): string {
  return `${bytes.toString(8).padStart(11, "0").slice(-11)}\0`;
}

function padding(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((BLOCK - (bytes % BLOCK)) % BLOCK);
}
