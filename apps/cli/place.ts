// What a person types as an origin or a target: a URL as it is, a path made absolute.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Workers run in a folder of their own, so a path must be whole. URLs and `host:path` (git-clone(1)) stay as they are,
 * unless a file of that name is there; what starts with `-` stays too, and is refused where URLs are checked.
 */
export function placeOf(text: string, cwd: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text) || /^[A-Za-z0-9+.-]*::/.test(text) || text.startsWith('-') || text === '') return text;
  if (text === '~' || text.startsWith('~/')) return join(homedir(), text.slice(1));
  const looksRemote = /^[^/]+:/.test(text);
  return looksRemote && !existsSync(resolve(cwd, text)) ? text : resolve(cwd, text);
}
