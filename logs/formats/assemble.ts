// Puts lines together to entries: a line that begins one, and the lines that belong to it.
import { LEVEL_NUMBERS, type LogEntry } from '../../contract/logs.ts';
import type { Emit, EntryReader, Header } from './format.ts';
import { beginsException, isFrame, isTraceback, joinsTracebacks, standsAlone } from './stacks.ts';

/** Lines of one entry whose text is kept; more are counted. */
const KEPT_LINES = 400;
/** Lines without a beginning that one entry takes up; a long print becomes several. */
const FOLLOWING_LINES = 200;
/** Characters of an entry's text and of its exception. */
const KEPT_CHARACTERS = 32_768;

export interface AssembleOptions {
  /** What the line says where it begins an entry; null where it belongs to the one before. */
  begin(line: string): Header | null;
  /** Lines that neither begin an entry nor are part of an exception are entries of their own. */
  loose?: boolean;
}

interface Open extends Header {
  line: number;
  lines: number;
  ownTime: boolean;
  texts: string[];
  stack: string[] | null;
  /** In a Python traceback, whose last line is not indented. */
  traceback: 'no' | 'frames' | 'ended';
}

/** A reader of line-wise formats. */
export function assembling({ begin, loose = false }: AssembleOptions, emit: Emit, from: number): EntryReader {
  let open: Open | null = null;
  let next = from;
  /** Of the entry before: what has no time of its own was written then. */
  let time: number | null = null;
  const give = (): void => {
    if (open !== null) emit(closed(open));
    open = null;
  };
  const start = (header: Header, number: number): void => {
    give();
    time = header.time ?? time;
    open = { ...header, time, ownTime: header.time !== null, line: number, lines: 1, texts: [header.text], stack: null, traceback: 'no' };
  };
  const alone = (line: string): Header => (beginsException(line) ? exceptional(line) : { ...NOTHING, text: line });
  return {
    get openLine() {
      return open?.line ?? next;
    },
    line(line, number) {
      next = number + 1;
      const header = begin(line);
      if (header !== null) start(header, number);
      else if (open === null || !belongs(open, line, loose)) start(alone(line), number);
      else add(open, line);
      if (open?.lines === 1 && isBareException(open)) openStack(open);
    },
    end: give,
  };
}

const NOTHING: Header = { time: null, level: null, component: null, run: null, text: '', exception: null };

const exceptional = (line: string): Header => ({ ...NOTHING, level: 'error', text: line.trim() });

/** An entry whose only text is the beginning of an exception. */
const isBareException = (open: Open): boolean => open.stack === null && open.level === 'error' && !open.ownTime && beginsException(open.text);

function openStack(open: Open): void {
  open.stack = [open.text];
  open.traceback = isTraceback(open.text) ? 'frames' : 'no';
}

const isGrave = ({ level }: Open): boolean => level !== null && LEVEL_NUMBERS[level] >= LEVEL_NUMBERS.warn;

function belongs(open: Open, line: string, loose: boolean): boolean {
  if (isFrame(line)) return true;
  if (open.traceback === 'frames') return true;
  if (open.traceback === 'ended' && (joinsTracebacks(line) || line.trim() === '' || isTraceback(line))) return true;
  if (standsAlone(line)) return isGrave(open) && open.stack === null;
  if (open.lines >= FOLLOWING_LINES && open.stack === null) return false;
  if (beginsException(line)) return !loose || (open.stack === null && isGrave(open));
  return !loose || (open.stack !== null && open.traceback === 'no' && /^\s+\S/.test(line));
}

function add(open: Open, line: string): void {
  open.lines += 1;
  if (open.stack === null && (beginsException(line) || isFrame(line))) open.stack = [];
  if (isTraceback(line)) open.traceback = 'frames';
  else if (open.traceback === 'frames' && /^\S/.test(line) && !joinsTracebacks(line)) open.traceback = 'ended';
  const kept = open.stack ?? open.texts;
  if (kept.length < KEPT_LINES) kept.push(line);
}

function closed({ time, level, component, run, exception, line, lines, texts, stack }: Open): LogEntry {
  const trace = stack === null ? exception : `${exception === null ? '' : `${exception}\n`}${stack.join('\n')}`;
  return { line, lines, time, level, component, run, text: cut(textOf(texts, stack)), exception: trace === null ? null : cut(trace.trimEnd()) };
}

/** A traceback says at its end what happened. */
function textOf(texts: readonly string[], stack: readonly string[] | null): string {
  const text = texts.join('\n').trimEnd();
  if (stack === null || !isTraceback(text)) return text;
  return stack.findLast((line) => /^\S/.test(line) && beginsException(line) && !isTraceback(line)) ?? stack.findLast((line) => /^[\w.]+(?:: |$)/.test(line)) ?? text;
}

/** At most so many characters, with a marker that tells how many are missing. */
export const cut = (text: string, most = KEPT_CHARACTERS): string => (text.length <= most ? text : `${text.slice(0, most)} … [cut: ${text.length - most} characters]`);
