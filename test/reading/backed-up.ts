// Archives for reading tests: fixtures backed up in one visit or two, by the acts of an ingest.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Store } from '../../archive/store.ts';
import { openLibrary, type Library } from '../../archive/reading/library.ts';
import { fixture } from '../fixtures/generate.ts';
import { localHand, type ArchiveHand } from '../harness/archive-hand.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';

export interface BackedUp extends IngestHarness {
  dir: string;
  /** Damages what is archived. */
  hand: ArchiveHand;
  library: Library;
  /** The path of an origin of that name. */
  origin(name: string): string;
  /** Makes a fixture and backs it up; `evolve` changes it and backs it up again. Returns the origin's path. */
  backUp(name: string, options?: { evolve?: boolean }): Promise<string>;
  /** Ends everything and removes the folder. */
  cleanUp(): Promise<void>;
}

/** An archive that is not a folder of this machine. */
export interface Elsewhere {
  store: Store;
  hand: ArchiveHand;
}

export async function openBackedUp(elsewhere?: Elsewhere): Promise<BackedUp> {
  const dir = await mkdtemp(join(tmpdir(), 'pivo-reading-'));
  const harness = await openIngest(dir, (store) => elsewhere?.store ?? store);
  const library = openLibrary({ store: harness.deps.store, cache: join(dir, 'read-cache') });
  const origin = (name: string): string => join(dir, `${name}.git`);
  return {
    ...harness,
    dir,
    hand: elsewhere?.hand ?? localHand(harness.deps.store),
    library,
    origin,
    async backUp(name, { evolve = false } = {}) {
      const { build, evolve: change } = fixture(name);
      await build(origin(name));
      await harness.ingest(origin(name), name);
      if (evolve) {
        await change?.(origin(name));
        await harness.ingest(origin(name), name);
      }
      return origin(name);
    },
    async cleanUp() {
      await library.close();
      await harness.close();
      await promisify(execFile)('chmod', ['-R', 'u+w', dir]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function bytesOf(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await allOf(content));
}
