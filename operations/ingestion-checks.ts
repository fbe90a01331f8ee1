// Checks what comes in by itself and what is told: the spool, its gates, the records, backups after pushes, notifications, the vault; each with what to do.
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isPivoError } from '../contract/failures.ts';
import type { SpoolCensus } from '../spool/census.ts';
import { spoolFailure } from '../spool/faults.ts';
import type { Check } from '../stack/doctor.ts';
import { countDeliveries } from '../state/deliveries.ts';
import { ageText, many } from './check-text.ts';
import { spoolCensus } from './ingestion-measures.ts';
import { notifyTargets } from './notify-targets.ts';
import type { OperationContext, RunOptions } from './operation.ts';
import { inTime } from './patience.ts';
import { pushes } from './pushes.ts';
import { readRecords } from './record-store.ts';
import { spoolGates, type SpoolGateState } from './spool-gates.ts';

/** Milliseconds that each part may take to answer, and within that Temporal. */
const PATIENCE = 3_000;
const TEMPORAL_PATIENCE = 2_000;
/** Bytes below which writers of the spool are likely to fail. */
const LITTLE_SPACE = 256 * 2 ** 20;
/** Seconds after which what waits is late. */
const LATE = 600;

/** All of them, looked at together; a part that does not answer in time is one that is wrong. Nothing is told of what is not in use. */
export async function ingestionChecks(context: OperationContext, options: RunOptions): Promise<Check[]> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(PATIENCE)]);
  const parts: [name: string, check: () => Promise<Check[]>][] = [
    ['Spool', () => checkSpool(context)],
    ['Spool gates', () => checkGates(context, options)],
    ['Records', () => checkRecords(context)],
    ['Push backups', () => checkPushes(context, options)],
    ['Notifications', () => checkNotifications(context, options)],
    ['Vault', () => checkVault(context)],
  ];
  const found = await Promise.all(parts.map(([name, check]) => inTime(check(), signal).catch((error: unknown) => [failed(name, error)])));
  options.signal.throwIfAborted();
  return found.flat();
}

function failed(name: string, error: unknown): Check {
  if (isPivoError(error)) return { name, state: 'wrong', found: error.message, ...(error.hint === undefined ? {} : { advice: error.hint }) };
  const late = (error as { name?: string }).name === 'TimeoutError';
  return { name, state: 'wrong', found: late ? `no answer within ${PATIENCE / 1_000} s` : (error as Error).message, advice: 'See `pivo doctor` and the log that `pivo status` names.' };
}

async function checkSpool(context: OperationContext): Promise<Check[]> {
  const { place, free, found } = await lookAt(context).catch((error: unknown) => {
    throw spoolFailure(error, context.paths.spool);
  });
  const waiting = waitingText(found);
  const refused = failedSegments(found);
  if (free < LITTLE_SPACE) return [{ name: 'Spool', state: 'wrong', found: `only ${Math.floor(free / 1e6)} MB are free below ${place}; ${waiting}`, advice: 'Make room: what cannot be written down is refused, and forges and programs have to send it again.' }, ...refused];
  if (oldestOf(found) > LATE) return [{ name: 'Spool', state: 'wrong', found: waiting, advice: 'Nothing is lost. `pivo batches` says what its gate waits for; the worker and the records database have to be up.' }, ...refused];
  return [{ name: 'Spool', state: 'ok', found: waiting }, ...refused];
}

async function lookAt(context: OperationContext): Promise<{ place: string; free: number; found: SpoolCensus[] }> {
  const place = await existing(context.paths.spool);
  await access(place, constants.R_OK | constants.W_OK | constants.X_OK);
  const { bavail, bsize } = await statfs(place);
  return { place, free: bavail * bsize, found: await spoolCensus(context) };
}

/** The path itself or the nearest folder above it that is there. */
const existing = (path: string): Promise<string> => stat(path).then(() => path, () => (dirname(path) === path ? path : existing(dirname(path))));

const oldestOf = (spool: readonly SpoolCensus[]): number => Math.max(...spool.flatMap(({ incoming, processing }) => [incoming.age, processing.age]));

function waitingText(spool: readonly SpoolCensus[]): string {
  const lines = spool.flatMap(({ kind, incoming, processing }) => {
    const segments = incoming.segments + processing.segments;
    return segments === 0 ? [] : [`${many(segments, 'segment')} of ${kind}, the oldest for ${ageText(Math.max(incoming.age, processing.age))}`];
  });
  return lines.length === 0 ? 'nothing waits' : `what waits: ${lines.join('; ')}`;
}

function failedSegments(spool: readonly SpoolCensus[]): Check[] {
  const kinds = spool.filter(({ failed: { segments } }) => segments > 0);
  if (kinds.length === 0) return [];
  const found = kinds.map(({ kind, failed: { segments } }) => `${many(segments, 'segment')} of ${kind}`).join(', ');
  return [{ name: 'Failed segments', state: 'warning', found: `${found} could not be stored`, advice: '`pivo spool status` has the reasons. Correct the cause, then `pivo spool replay --failed NAME`, or remove the file.' }];
}

async function checkGates(context: OperationContext, options: RunOptions): Promise<Check[]> {
  const gates = await fromTemporal(spoolGates.run(context, {}, options));
  if (gates === null) return gatesUnknown(context);
  const troubled = gates.filter(({ failure }) => failure !== null);
  if (troubled.length > 0) return troubled.map(troubleOf);
  if (gates.some(({ running }) => running === null)) return gatesUnknown(context);
  const open = gates.filter(({ running }) => running === true).map(({ kind, open, since }) => `${kind} ${open === null ? 'fills' : `is open with ${open.tag}`}${since === null ? '' : ` since ${since}`}`);
  return [{ name: 'Spool gates', state: 'ok', found: open.length === 0 ? 'none is at work' : open.join('; ') }];
}

/** Null when Temporal does not answer, which is no trouble as long as nothing waits for it. */
const fromTemporal = <T>(asked: Promise<T>): Promise<T | null> => inTime(asked, AbortSignal.timeout(TEMPORAL_PATIENCE)).catch(() => null);

async function gatesUnknown(context: OperationContext): Promise<Check[]> {
  if (oldestOf(await spoolCensus(context)) === 0) return [];
  return [{ name: 'Spool gates', state: 'warning', found: 'Temporal does not answer: what is in the spool waits', advice: 'Start PIVO with `pivo up --detach`.' }];
}

const troubleOf = ({ kind, attempt, since, open, failure }: SpoolGateState): Check => ({
  name: 'Spool gates',
  state: 'wrong',
  found: `${kind}: ${open === null ? '' : `batch ${open.tag}, `}attempt ${attempt}${since === null ? '' : ` since ${since}`}; the last failed: ${failure ?? ''}`,
  advice: 'It is tried until it works and nothing is lost; remove what the failure names.',
});

async function checkRecords(context: OperationContext): Promise<Check[]> {
  const { records } = context;
  if (records === undefined) return [];
  const last = await readRecords(context, null, (store) => store.batches({ limit: 1 }));
  const found = last === null ? 'will be created' : `answers; ${last[0] === undefined ? 'no batch was stored yet' : `the last batch is ${last[0].tag}`}`;
  return [{ name: 'Records', state: 'ok', found: `${records.url} ${found}` }];
}

async function checkPushes(context: OperationContext, options: RunOptions): Promise<Check[]> {
  const asked = await fromTemporal(pushes.run(context, { limit: 1_000 }, options));
  if (asked === null) return []; // Temporal is away, which the gates tell
  const broken = asked.backups.filter(({ state }) => state === 'failed');
  const [first] = broken;
  if (first !== undefined) return [{ name: 'Push backups', state: 'warning', found: `${many(asked.failed, 'backup')} failed: ${first.repository ?? first.origin}: ${first.failure?.message ?? ''}${asked.failed > 1 ? ' and others' : ''}`, advice: first.failure?.hint ?? 'The next push tries again; so does `pivo ingest`.' }];
  return [{ name: 'Push backups', state: 'ok', found: `${asked.running} run, ${asked.waiting} wait` }];
}

async function checkNotifications(context: OperationContext, options: RunOptions): Promise<Check[]> {
  const targets = await notifyTargets.run(context, {}, options);
  if (targets.length === 0) return [];
  const [wrong] = targets.flatMap(({ target, problem }) => (problem === null ? [] : [{ target, ...problem }]));
  if (wrong !== undefined) return [{ name: 'Notifications', state: 'wrong', found: `${wrong.target}: ${wrong.message}`, ...(wrong.hint === null ? {} : { advice: wrong.hint }) }];
  const counts = countDeliveries(context.paths.state).filter(({ target }) => targets.some((each) => each.target === target));
  const of = (status: string): number => counts.reduce((sum, each) => sum + (each.status === status ? each.deliveries : 0), 0);
  const dead = counts.filter(({ status }) => status === 'dead');
  if (dead.length > 0) return [{ name: 'Notifications', state: 'warning', found: `given up: ${dead.map(({ target, deliveries }) => `${deliveries} to ${target}`).join(', ')}; ${of('pending')} wait`, advice: '`pivo notify deliveries --status dead` has the reasons; `pivo notify test TARGET` tries the receiver, `pivo notify retry --all-dead` sends them again.' }];
  return [{ name: 'Notifications', state: 'ok', found: `${many(targets.length, 'target')}; ${of('pending')} wait, ${of('delivered')} delivered` }];
}

/** The key is read anew: one that was lost is noticed before the vault is opened next. */
async function checkVault({ vault }: OperationContext): Promise<Check[]> {
  if (vault === undefined) return [];
  const opened = await vault.open();
  vault.checkKey();
  const { people, erased } = opened.vault.counts();
  return [{ name: 'Vault', state: 'ok', found: `on, its key in ${vault.key} is readable; ${people} people, ${erased} erased` }];
}
