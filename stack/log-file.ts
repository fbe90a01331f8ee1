// The log file of a home: appended to, and moved aside once it is large, so that it never fills the disk.
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Bytes after which the file becomes `pivo.log.1`, replacing the one before. */
const LARGEST = 16 * 2 ** 20;

export const logFile = (logs: string): string => join(logs, 'pivo.log');

/** Returns a writer of lines to `logs/pivo.log`. */
export function openLogFile(logs: string): (line: string) => void {
  const file = logFile(logs);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  let bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return (line) => {
    const text = line.endsWith('\n') ? line : `${line}\n`;
    if (bytes > LARGEST) {
      renameSync(file, `${file}.1`);
      bytes = 0;
    }
    appendFileSync(file, text, { mode: 0o600 });
    bytes += Buffer.byteLength(text);
  };
}
