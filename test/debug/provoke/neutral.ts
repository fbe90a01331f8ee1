// What a machine should not tell of itself is taken out of a log, and what is too long is shortened.
import { stripVTControlCharacters } from 'node:util';

/** Bytes of the longest log. */
const MOST_BYTES = 24_000;
/** Lines of a long log that stay whatever they say: how the program began. */
const FIRST = 12;
/** Frames of one stack that stay. */
const FRAMES = 8;

/** Texts of this machine and what stands for them, longest first. */
export type Names = readonly (readonly [from: string, to: string])[];

/** The log with neutral paths and names. */
export function neutral(log: string, names: Names): string {
  let text = stripVTControlCharacters(log).replaceAll('\r', '');
  for (const [from, to] of [...names].toSorted(([a], [b]) => b.length - a.length)) if (from !== '') text = text.replaceAll(from, to);
  return text
    .replaceAll(/\/(?:private\/)?tmp\/[\w.-]+(?=[/:\s'")])/g, '/tmp/work')
    .replaceAll(/(?:SHA256:)[A-Za-z0-9+/]{43}/g, 'SHA256:HOSTKEY')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^(?:Picked up|npm (?:warn|notice)|webpack \d|asset |orphan modules|runtime modules|cacheable modules|modules by path)|rejectUnauthorized/.test(line))
    .map((line) => (line.length > 3_000 ? `${line.slice(0, 3_000)}…` : line))
    .join('\n');
}

const isQuiet = (line: string): boolean => /^\S+ \S+ (?:INFO|DEBUG) /.test(line);
const isFrame = (line: string): boolean => /^\s+at /.test(line);

/** At most about 24 KB: of a longer log, first the inner frames of stacks go, then lines of information after the first ones, then the middle. */
export function shortened(log: string): string {
  if (Buffer.byteLength(log) <= MOST_BYTES) return `${log}\n`;
  let frames = 0;
  let lines = log.split('\n').filter((line) => {
    frames = isFrame(line) ? frames + 1 : 0;
    return frames <= FRAMES;
  });
  if (bytesOf(lines) > MOST_BYTES) lines = lines.filter((line, at) => at < FIRST || !isQuiet(line) || /TaskSetManager|DAGScheduler|Job /.test(line));
  if (bytesOf(lines) > MOST_BYTES) lines = lines.filter((line, at) => at < FIRST || !isQuiet(line));
  while (bytesOf(lines) > MOST_BYTES) lines.splice(Math.floor(lines.length * 0.6), Math.ceil(lines.length * 0.05));
  return `${lines.join('\n')}\n`;
}

const bytesOf = (lines: readonly string[]): number => Buffer.byteLength(lines.join('\n'));
