// Server-sent events over fetch, since an EventSource can carry no token; reconnects by itself and says when it is down.
import { ApiFailure, send } from './client.ts';

export interface ServerEvent {
  event: string;
  data: unknown;
  id: string;
}

export type StreamState = 'connecting' | 'live' | 'lost' | 'ended';

export interface Following {
  onEvent(event: ServerEvent): unknown;
  onState(state: StreamState): void;
  signal: AbortSignal;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

/**
 * Follows a stream until the server says `event: end`, or refuses it for good. Fails with what it was refused with.
 * Source of the format: WHATWG HTML, server-sent events.
 */
export async function follow(path: string, { onEvent, onState, signal }: Following): Promise<void> {
  let [last, wait] = ['', FIRST_WAIT];
  onState('connecting');
  while (!signal.aborted) {
    try {
      const response = await send(path, { signal, headers: { accept: 'text/event-stream', ...(last === '' ? {} : { 'last-event-id': last }) } });
      onState('live');
      wait = FIRST_WAIT;
      for await (const event of eventsOf(response)) {
        if (event.id !== '') last = event.id;
        onEvent(event);
        if (event.event === 'end') return onState('ended');
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiFailure && error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
    }
    onState('lost');
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(LONGEST_WAIT, wait * 2);
  }
}

/** The events of one response. Data that is no JSON comes as text. */
export async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  if (response.body === null) return;
  let [rest, event, id] = ['', 'message', ''];
  let data: string[] = [];
  for await (const piece of chunks(response.body.pipeThrough(new TextDecoderStream()))) {
    const lines = (rest + piece).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [field = '', value = ''] = fieldOf(line);
      if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
      else if (field === 'id') id = value;
      else if (line === '') {
        if (data.length > 0) yield { event, data: valueOf(data.join('\n')), id };
        [event, data] = ['message', []];
      }
    }
  }
}

async function* chunks(stream: ReadableStream<string>): AsyncGenerator<string> {
  const reader = stream.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function fieldOf(line: string): string[] {
  const colon = line.indexOf(':');
  return colon === -1 ? [line] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
