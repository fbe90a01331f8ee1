// `execa@1a2b3c4d5e6f:lib/command.js#L12`: the link to a line of a file as of a commit.
import { parseSpec } from './spec.ts';

export interface FileLink {
  repository: string;
  /** A commit, shortened to 12 digits in a link. */
  commit: string;
  /** As `quotePath` writes it. */
  path: string;
  /** From 1; null for the file as a whole. */
  line: number | null;
}

/** Digits of a commit in a link, as git abbreviates in large repositories. */
const DIGITS = 12;

/** Signs that would end a link in a text, or mean markup there; written as in URLs (RFC 3986, section 2.1). */
// eslint-disable-next-line no-control-regex
const ENDING = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029%#`()[\]<>|*"'\\]/g;

const encoded = (path: string): string => path.replace(ENDING, (sign) => [...Buffer.from(sign)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''));

export const fileLink = ({ repository, commit, path, line }: FileLink): string => `${repository}@${commit.slice(0, DIGITS)}:${encoded(path)}${line === null ? '' : `#L${line}`}`;

/** Finds the links in a text; a range `#L3-L9` is its first line. */
export const FILE_LINK = /(?<![\w@])[A-Za-z0-9][\w.-]{0,99}@[0-9a-f]{7,64}:[^\s#`()[\]<>|*"'\\]{1,4096}(?:#L[0-9]{1,9}(?:-L?[0-9]{1,9})?)?/g;

/** What a link names; null for what is none. */
export function parseFileLink(text: string): FileLink | null {
  const [, spec = '', path = '', line] = /^([^@:]+@[0-9a-f]{7,64}):([^\s#]+)(?:#L([0-9]{1,9})(?:-L?[0-9]{1,9})?)?$/.exec(text) ?? [];
  if (path === '') return null;
  const { repository, point } = parseSpec(spec);
  try {
    return { repository, commit: point, path: decodeURIComponent(path), line: line === undefined ? null : Number(line) };
  } catch {
    return null; // a % that encodes nothing
  }
}
