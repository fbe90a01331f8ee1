// A store and an event log that fail as a fault says: the real ones inside, nothing of the product's code changed.
import { stat, truncate } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../../archive/store.ts';
import { PivoError } from '../../contract/failures.ts';
import type { EventLog } from '../../events/log.ts';
import { die, injected, type Effect, type Faults } from './faults.ts';

const DELAY_MS = 700;

/** Does what an effect says around a call; `half` is the caller's. */
async function around<T>(effect: Effect | null, what: string, call: () => Promise<T>): Promise<T> {
  if (effect === 'die') die();
  if (effect === 'error') throw injected(`${what} fails`);
  if (effect === 'full') throw new PivoError('StorageFull', `injected: no space left for ${what}`, { hint: 'A fault of the crash matrix.' });
  if (effect === 'delay') await delay(DELAY_MS);
  const result = await call();
  if (effect === 'die-after') die();
  if (effect === 'error-after') throw injected(`the answer of ${what} is lost`);
  return result;
}

/** The first half of some content, then the end of the process or of the connection. */
async function* half(content: Uint8Array | AsyncIterable<Uint8Array>, effect: Effect): AsyncGenerator<Uint8Array> {
  const pieces = content instanceof Uint8Array ? [content] : content;
  for await (const piece of pieces) {
    yield piece.subarray(0, piece.length >> 1);
    if (effect === 'half-die') {
      await delay(20); // what was given is on its way to the disk
      die();
    }
    throw injected('the connection was reset in the middle');
  }
}

const isHalf = (effect: Effect | null): effect is 'half' | 'half-die' => effect === 'half' || effect === 'half-die';

export function faultyStore(store: Store, faults: Faults): Store {
  return {
    ...store,
    create(path, content, signal) {
      const effect = faults.at('create', path);
      return around(effect, path, () => store.create(path, isHalf(effect) ? half(content, effect) : content, signal));
    },
    async adopt(path, file, proof, signal) {
      const effect = faults.at('adopt', path);
      if (isHalf(effect)) await truncate(file, (await stat(file)).size >> 1); // the worker's disk lost the end of it
      await around(effect, path, () => store.adopt(path, file, proof, signal));
    },
    layOut(path, source, signal) {
      const effect = faults.at('layOut', path);
      const content: typeof source.content = async (entry) => (isHalf(effect) ? half(await source.content(entry), effect) : source.content(entry));
      return around(effect, path, () => store.layOut(path, { ...source, content }, signal));
    },
    async *open(path, range, signal) {
      const effect = faults.at('open', path);
      if (isHalf(effect)) yield* half(store.open(path, range, signal), effect);
      else {
        await around(effect, path, async () => {});
        yield* store.open(path, range, signal);
      }
    },
    stat: (path) => around(faults.at('stat', path), path, () => store.stat(path)),
    list: (path) => around(faults.at('list', path), path, () => store.list(path)),
    seal: (path) => around(faults.at('seal', path), path, () => store.seal(path)),
  };
}

export function faultyEvents(events: EventLog, faults: Faults): EventLog {
  return {
    ...events,
    async publish(topic, messages, signal) {
      const effect = faults.at('publish', topic);
      const unavailable = (error: PivoError): never => {
        throw new PivoError('Unavailable', error.message, { hint: 'A fault of the crash matrix.', cause: error });
      };
      if (isHalf(effect)) {
        await events.publish(topic, messages.slice(0, messages.length >> 1), signal);
        if (effect === 'half-die') die();
        unavailable(injected(`half of what was published on ${topic}`));
      }
      await around(effect, topic, () => events.publish(topic, messages, signal)).catch((error: unknown) => {
        if (error instanceof PivoError && error.kind === 'StorageUnavailable') unavailable(error);
        throw error;
      });
    },
  };
}
