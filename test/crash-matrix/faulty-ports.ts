// A store and an event log that fail as a fault says: the real ones inside, nothing of the product's code changed.
import { stat, truncate } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../../archive/store.ts';
import { PivoError } from '../../contract/failures.ts';
import type { EventLog } from '../../events/log.ts';
import { die, engineOf, injected, type Effect, type EnginePart, type Faults } from './faults.ts';

const DELAY_MS = 700;

/** Does what an effect says around a call; what strikes within the content is the caller's. */
async function around<T>(faults: Faults, effect: Effect | null, what: string, call: () => Promise<T>): Promise<T> {
  const engine = engineOf(effect);
  if (engine !== null && !isWithin(effect)) await faults.killEngine(engine);
  if (effect === 'die') die();
  if (effect === 'error') throw injected(`${what} fails`);
  if (effect === 'full') throw new PivoError('StorageFull', `injected: no space left for ${what}`, { hint: 'A fault of the crash matrix.' });
  if (effect === 'delay') await delay(DELAY_MS);
  const result = await call();
  if (effect === 'die-after') die();
  if (effect === 'error-after') throw injected(`the answer of ${what} is lost`);
  return result;
}

type Within = 'half' | 'half-die' | `mid-${EnginePart}`;
const isWithin = (effect: Effect | null): effect is Within => effect !== null && /^(half|mid-)/.test(effect);

/** What strikes in the middle of some content. */
function within(faults: Faults, content: Uint8Array | AsyncIterable<Uint8Array>, effect: Within): AsyncGenerator<Uint8Array> {
  const engine = engineOf(effect);
  const pieces = content instanceof Uint8Array ? [content] : content;
  return engine === null ? half(pieces, effect) : outlived(pieces, () => faults.killEngine(engine));
}

type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** The first half of some content, then the end of the process or of the connection. */
async function* half(pieces: Pieces, effect: Within): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece.subarray(0, piece.length >> 1);
    if (effect === 'half-die') {
      await delay(20); // what was given is on its way to the disk
      die();
    }
    throw injected('the connection was reset in the middle');
  }
}

/** All of some content; half of its first piece is given when the engine dies. */
async function* outlived(pieces: Pieces, kill: () => Promise<void>): AsyncGenerator<Uint8Array> {
  let killed = false;
  for await (const piece of pieces) {
    const at = killed ? 0 : piece.length >> 1;
    if (!killed) {
      yield piece.subarray(0, at);
      await kill();
      killed = true;
    }
    yield piece.subarray(at);
  }
}

export function faultyStore(store: Store, faults: Faults): Store {
  return {
    ...store,
    create(path, content, signal) {
      const effect = faults.at('create', path);
      return around(faults, effect, path, () => store.create(path, isWithin(effect) ? within(faults, content, effect) : content, signal));
    },
    async adopt(path, file, proof, signal) {
      const effect = faults.at('adopt', path);
      if (isWithin(effect)) await truncate(file, (await stat(file)).size >> 1); // the worker's disk lost the end of it
      await around(faults, effect, path, () => store.adopt(path, file, proof, signal));
    },
    layOut(path, source, signal) {
      const effect = faults.at('layOut', path);
      let left = isWithin(effect) ? effect : null; // the first file's content only
      const content: typeof source.content = async (entry) => {
        const now = left;
        left = null;
        return now === null ? source.content(entry) : within(faults, await source.content(entry), now);
      };
      return around(faults, effect, path, () => store.layOut(path, { ...source, content }, signal));
    },
    async *open(path, range, signal) {
      const effect = faults.at('open', path);
      if (isWithin(effect)) yield* within(faults, store.open(path, range, signal), effect);
      else {
        await around(faults, effect, path, async () => {});
        yield* store.open(path, range, signal);
      }
    },
    stat: (path) => around(faults, faults.at('stat', path), path, () => store.stat(path)),
    list: (path) => around(faults, faults.at('list', path), path, () => store.list(path)),
    seal: (path) => around(faults, faults.at('seal', path), path, () => store.seal(path)),
  };
}

export function faultyEvents(events: EventLog, faults: Faults): EventLog {
  return {
    url: events.url,
    subscribe: (subscription) => events.subscribe(subscription),
    offsets: (topics) => events.offsets(topics),
    close: () => events.close(),
    async publish(topic, messages, signal) {
      const effect = faults.at('publish', topic);
      const unavailable = (error: PivoError): never => {
        throw new PivoError('Unavailable', error.message, { hint: 'A fault of the crash matrix.', cause: error });
      };
      if (isWithin(effect)) {
        await events.publish(topic, messages.slice(0, messages.length >> 1), signal);
        if (effect === 'half-die') die();
        unavailable(injected(`half of what was published on ${topic}`));
      }
      await around(faults, effect, topic, () => events.publish(topic, messages, signal)).catch((error: unknown) => {
        if (error instanceof PivoError && error.kind === 'StorageUnavailable') unavailable(error);
        throw error;
      });
    },
  };
}
