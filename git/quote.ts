// Names that are not UTF-8, written as git writes them: "caf\351" in double quotes with octal escapes.
import { isUtf8 } from 'node:buffer';

const ESCAPES: Record<number, string> = { 7: 'a', 8: 'b', 9: 't', 10: 'n', 11: 'v', 12: 'f', 13: 'r', 34: '"', 92: '\\' };
const UNESCAPES: Record<string, number> = Object.fromEntries(Object.entries(ESCAPES).map(([byte, letter]) => [letter, Number(byte)]));

/**
 * A path as text that keeps every byte. UTF-8 stays as it is; anything else, and a name that itself starts
 * with a double quote, is quoted as `git ls-tree` quotes it (git's quote.c, core.quotePath).
 */
export function quotePath(path: Buffer): string {
  return isUtf8(path) && path[0] !== 34 ? path.toString('utf8') : quoted(path);
}

/** A path as `git diff` writes it: quoted where a byte is not printable ASCII, or is a quote or a backslash. */
export function quotePatchPath(path: Buffer): string {
  return path.some((byte) => byte < 32 || byte > 126 || byte === 34 || byte === 92) ? quoted(path) : path.toString('latin1');
}

function quoted(path: Buffer): string {
  let text = '"';
  for (const byte of path) {
    const letter = ESCAPES[byte];
    if (letter !== undefined) text += `\\${letter}`;
    else if (byte < 32 || byte > 126) text += `\\${byte.toString(8).padStart(3, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return `${text}"`;
}

/** The bytes of a path that `quotePath` wrote. */
export function unquotePath(text: string): Buffer {
  if (!text.startsWith('"') || !text.endsWith('"') || text.length < 2) return Buffer.from(text, 'utf8');
  const bytes: number[] = [];
  const inner = text.slice(1, -1);
  for (let i = 0; i < inner.length; i++) {
    if (inner[i] !== '\\') {
      bytes.push(...Buffer.from(inner[i] ?? '', 'utf8'));
      continue;
    }
    const octal = /^[0-3][0-7]{2}/.exec(inner.slice(i + 1))?.[0];
    if (octal !== undefined) {
      bytes.push(Number.parseInt(octal, 8));
      i += 3;
    } else {
      bytes.push(UNESCAPES[inner[i + 1] ?? ''] ?? 92);
      i += 1;
    }
  }
  return Buffer.from(bytes);
}

/** Text read as latin1 (one character a byte) as `quotePath` gives it: ASCII, the common case, is returned as it is. */
export function quoteLatin1(text: string): string {
  // eslint-disable-next-line no-control-regex
  return /[^\u0000-\u007f]/.test(text) ? quotePath(Buffer.from(text, 'latin1')) : text;
}
