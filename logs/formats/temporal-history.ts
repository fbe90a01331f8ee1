// A workflow's history as `temporal workflow show --output json` prints it: one document, whose events become entries.
import type { LogEntry } from '../../contract/logs.ts';
import { cut } from './assemble.ts';
import type { Emit, EntryReader, Format } from './format.ts';
import { shown } from './json-lines.ts';
import { instantOf } from './stamp.ts';

type Json = Record<string, unknown>;

/** Characters of one event; a longer one is told by its beginning. */
const EVENT_CHARACTERS = 4 * 2 ** 20;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Finds the events by their braces: they are the objects in the document. */
class HistoryReader implements EntryReader {
  readonly #emit: Emit;
  #depth = 0;
  #inText = false;
  #escaped = false;
  #event: string[] = [];
  #characters = 0;
  #begun = 0;
  #next: number;
  /** Several events on one line are numbered as if each had its own. */
  #last = 0;
  #run: string | null = null;

  constructor(emit: Emit, from: number) {
    this.#emit = emit;
    this.#next = from;
  }

  /** The whole document is one: a broken-off reading starts over. */
  get openLine(): number {
    return 1;
  }

  line(text: string, number: number): void {
    this.#next = number + 1;
    let from = this.#depth >= 2 ? 0 : -1;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (code === 92) this.#escaped = true;
        else if (code === 34) this.#inText = false;
      } else if (code === 34) this.#inText = true;
      else if (code === 123 && ++this.#depth === 2) [from, this.#begun] = [i, number];
      else if (code === 125 && --this.#depth === 1) {
        this.#keep(text.slice(from, i + 1));
        this.#give(number);
        from = -1;
      }
    }
    if (from !== -1) this.#keep(text.slice(from));
  }

  end(): void {
    if (this.#event.length > 0) this.#give(this.#next - 1);
  }

  #keep(text: string): void {
    if (this.#characters > EVENT_CHARACTERS) return;
    this.#event.push(text);
    this.#characters += text.length;
  }

  #give(number: number): void {
    const text = this.#event.join('\n');
    const line = Math.max(this.#begun, this.#last + 1);
    [this.#event, this.#characters, this.#last] = [[], 0, Math.max(line, number)];
    const entry = entryOf(text, line, number - this.#begun + 1);
    this.#run ??= entry.run;
    this.#emit({ ...entry, run: this.#run });
  }
}

function entryOf(text: string, line: number, lines: number): LogEntry {
  let event: Json;
  try {
    event = JSON.parse(text) as Json;
  } catch {
    return { line, lines, time: null, level: null, component: null, run: null, text: cut(text, 2_000), exception: null };
  }
  const type = shown(event['eventType'] ?? 'event').replace(/^EVENT_TYPE_/, '');
  const title = type === type.toUpperCase() ? type.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase()) : type;
  const attributes = Object.entries(event).find(([name, value]) => name.endsWith('EventAttributes') && isObject(value))?.[1] as Json | undefined;
  const failure = failureText(attributes?.['failure']);
  const run = attributes?.['workflowId'];
  return {
    line, lines, time: instantOf(event['eventTime']), level: levelFor(title, failure), component: title, run: typeof run === 'string' && title === 'WorkflowExecutionStarted' ? run : null,
    text: cut([title, `event=${shown(event['eventId'])}`, ...factsOf(attributes ?? {}), ...(failure === null ? [] : [failure.split('\n')[0] ?? ''])].join(' '), 8_000),
    exception: failure === null ? null : cut(failure),
  };
}

const levelFor = (title: string, failure: string | null): LogEntry['level'] => (/Failed|TimedOut|Terminated/.test(title) ? 'error' : /Cancel/.test(title) || failure !== null ? 'warn' : 'info');

/** Plain values and names; never payloads, which may hold anything. */
function factsOf(attributes: Json): string[] {
  return Object.entries(attributes).flatMap(([name, value]) => {
    if (typeof value === 'string' || typeof value === 'number') return /payload|token|binaryChecksum|requestId/i.test(name) ? [] : [`${name}=${String(value)}`];
    if (isObject(value) && typeof value['name'] === 'string') return [`${name}=${value['name']}`];
    return [];
  });
}

/** Message, type and stack of a failure and of its causes. */
function failureText(failure: unknown): string | null {
  if (!isObject(failure)) return null;
  const { message, stackTrace, cause, applicationFailureInfo, timeoutFailureInfo } = failure;
  const type = isObject(applicationFailureInfo) ? applicationFailureInfo['type'] : isObject(timeoutFailureInfo) ? timeoutFailureInfo['timeoutType'] : undefined;
  const below = failureText(cause);
  return [
    `${typeof type === 'string' ? `${type}: ` : ''}${shown(message ?? '')}`,
    ...(typeof stackTrace === 'string' && stackTrace !== '' ? [stackTrace] : []),
    ...(below === null ? [] : [`Caused by: ${below}`]),
  ].join('\n');
}

export const temporalHistory: Format = {
  name: 'temporal-history',
  share: (lines) => {
    const text = lines.join('\n').trimStart();
    return /^\{\s*"events":\s*\[/.test(text) && /"event(?:Id|Time|Type)"/.test(text) ? 2 : 0;
  },
  reader: (emit, from) => new HistoryReader(emit, from),
  system: () => 'temporal',
};
