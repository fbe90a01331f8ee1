// Engine `spark`: executors of a Spark application check packs, recompute every object id and build the repository in the store.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planPath } from '../archive/layout.ts';
import type { Store } from '../archive/store.ts';
import { fromReport, PivoError, type FailureReport } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';
import type { EngineRun, RestoreEngine } from './engine.ts';
import { plannedPacks } from './planned-packs.ts';
import { sparkCommand, type SparkCommand, type SparkPart } from './spark-command.ts';
import { readEvent, type SparkEnd, type SparkEvent } from './spark-events.ts';
import { runSparkSubmit } from './spark-process.ts';
import { isReconstructed, repositoryAtHand } from './spark-repository.ts';
import type { SparkSettings } from './spark-settings.ts';

export interface SparkDeps {
  store: Store;
  /** Folder of this worker for the applications it started, and for repositories of an archive that is not on this machine. */
  cache: string;
  settings: SparkSettings;
  log: Log;
  /** Whether an aborted run leaves its application for a later attempt to join; without it, an abort ends it. */
  leaves?: (reason: unknown) => boolean;
}

export function sparkEngine(deps: SparkDeps): RestoreEngine {
  const { store, cache } = deps;
  return {
    async reconstruct(plan, run) {
      const { restoreId, signal, onProgress } = run;
      const packs = await plannedPacks(store, plan);
      if (!(await isReconstructed(store, restoreId))) {
        const failure = (await runSparkJob(deps, [{ restoreId, plan }], run)).get(restoreId) ?? null;
        if (failure !== null) throw fromReport(failure);
      }
      onProgress({ phase: 'fetching the repository' });
      const gitDir = await repositoryAtHand(store, restoreId, plan, packs, join(cache, 'restores', restoreId), signal);
      return { gitDir, packsVerified: packs.length, bytesVerified: packs.reduce((sum, { pack, idx }) => sum + pack.bytes + idx.bytes, 0) };
    },
  };
}

/**
 * Reconstructs several restores, whose plans are in the store, in one application. Gives each one's failure by its id, or
 * null. Fails with Unavailable when the application itself did, InvalidInput without spark-submit, or Cancelled. `id`: of a
 * restore of many, whose plans are named in a file.
 */
export async function runSparkJob(deps: SparkDeps, restores: readonly SparkPart[], run: Pick<EngineRun, 'signal' | 'onProgress'>, id?: string): Promise<Map<string, FailureReport | null>> {
  const [first] = restores;
  if (first === undefined) return new Map();
  const folder = join(deps.cache, 'spark', id ?? first.restoreId);
  const group = id === undefined ? undefined : { id, list: `${folder}.plans` };
  const output = new Output(deps.log, run.onProgress);
  const command = async (): Promise<SparkCommand> => {
    if (group !== undefined) await writeFile(group.list, restores.map(({ restoreId }) => `${planPath(restoreId)}\n`).join(''));
    const line = await sparkCommand(deps.settings, deps.store.url, restores, join(folder, 'scratch'), group);
    output.submitted(line);
    return line;
  };
  run.onProgress({ phase: 'starting Spark' });
  await mkdir(join(deps.cache, 'spark'), { recursive: true });
  const { joined } = await runSparkSubmit(command, { folder, mark: group?.list ?? planPath(first.restoreId), signal: run.signal, leaves: deps.leaves ?? (() => false), onLine: (from, line) => output.take(from, line) });
  if (joined) deps.log.child({ component: 'SPARK-SUBMIT' }).info({ kind: 'LOG' }, 'joined the application that an earlier attempt had started');
  const ending = output.ending(folder);
  await rm(folder, { recursive: true, force: true });
  if (group !== undefined) await rm(group.list, { force: true });
  return new Map(ending.restores.map(({ restoreId, failure }) => [restoreId, failure]));
}

/** Lines of stderr that an error repeats. */
const LAST_WORDS = 12;

/** Turns what the application says into progress and log lines. */
class Output {
  readonly #submit: Log;
  readonly #driver: Log;
  readonly #executor: Log;
  readonly #onProgress: EngineRun['onProgress'];
  readonly #lastWords: string[] = [];
  #end: SparkEnd | null = null;

  constructor(log: Log, onProgress: EngineRun['onProgress']) {
    this.#submit = log.child({ component: 'SPARK-SUBMIT' });
    this.#driver = log.child({ component: 'SPARK-DRIVER' });
    this.#executor = log.child({ component: 'SPARK-EXECUTOR' });
    this.#onProgress = onProgress;
  }

  submitted({ file, args }: SparkCommand): void {
    this.#submit.info({ kind: 'CMD' }, [file, ...args].join(' '));
  }

  take(from: 'stdout' | 'stderr', line: string): void {
    const event = from === 'stdout' ? readEvent(line) : null;
    if (event !== null) return this.#told(event);
    if (line.trim() === '') return;
    if (from === 'stderr' && this.#lastWords.push(line) > LAST_WORDS) this.#lastWords.shift();
    this.#driver.debug({ kind: 'LOG' }, line);
  }

  #told(event: SparkEvent): void {
    switch (event.event) {
      case 'started':
        this.#submit.info({ kind: 'RES', application: event.application, name: event.name, master: event.master, ui: event.ui }, 'the application runs');
        break;
      case 'progress':
        this.#onProgress({ phase: event.phase, done: event.done, total: event.total, bytes: event.bytes });
        break;
      case 'pack':
        this.#executor.info({ kind: 'RES', host: event.host, objects: event.objects, bytes: event.bytes, seconds: event.seconds }, `${event.path}: every object id recomputed`);
        break;
      case 'end':
        this.#end = event;
        for (const { restoreId, failure } of event.restores) this.#driver.info({ kind: 'RES', restoreId, ...(failure === null ? {} : { failure }) }, failure === null ? 'reconstructed' : failure.message);
        break;
    }
  }

  /** The last event. Fails with what the application failed with, or with its last words when it did not come to its end. */
  ending(folder: string): SparkEnd {
    if (this.#end === null) {
      throw new PivoError('Unavailable', `the Spark application ended without a result: ${this.#lastWords.join(' | ').slice(-1500) || 'it said nothing'}`, {
        hint: `It is tried again. Its whole output is in ${folder}.`,
        facts: { folder },
      });
    }
    if (this.#end.failure !== null) throw fromReport(this.#end.failure);
    return this.#end;
  }
}
