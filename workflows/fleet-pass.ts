// One pass of a fleet run over all repositories: a window slides over the book, and everybody in it has a run of its own.
import { condition, workflowInfo } from '@temporalio/workflow';
import type { FleetPass } from '../contract/fleet.ts';
import { batches, type Batches } from './batches.ts';
import { cancelOwn } from './fleet-child.ts';
import { tellState, type CarriedFleet, type Run } from './fleet-state.ts';
import { begin, carriedOf, isOver, leave, nextOf, take, wantsMore, type RunningEntry } from './fleet-window.ts';

/** What is done with each repository. */
export interface Pass<T> {
  name: FleetPass;
  workflowIdOf(repository: string): string;
  /** Never fails; null: there is nothing to keep, since the run was cancelled. `again`: an earlier history began it. */
  act(run: Run, entry: RunningEntry, again: boolean): Promise<T | null>;
  /** What people see changes with it. */
  count(run: Run, kept: T): void;
  write(run: Run, batch: T[]): Promise<void>;
}

/** `over`: everybody had a turn. `long`: the history is to be continued as new, in which what runs is waited for. */
export type PassEnd = 'over' | 'long' | 'cancelled';

export interface Slid {
  end: PassEnd;
  /** For the history that goes on. */
  left: Pick<CarriedFleet, 'window' | 'counts'>;
}

/** Slides until the end of the book. Whatever it ends with, all that has ended is written. Fails as the book and the rows do. */
export async function slide<T>(run: Run, pass: Pass<T>): Promise<Slid> {
  const kept = batches<T>((batch) => pass.write(run, batch));
  for (const entry of run.window.running) void turn(run, pass, kept, entry, true);
  const end = await slideOn(run, pass, kept);
  if (end === 'long') await condition(() => run.cancelled || run.window.running.every(({ runId, own }) => runId !== null || !own));
  return settle(run, pass, kept, end);
}

/** Writes what has ended. Nothing is awaited between the last look at what waits and what is handed on, so that nobody is in neither. */
async function settle<T>(run: Run, pass: Pass<T>, kept: Batches<T>, end: PassEnd): Promise<Slid> {
  if (run.cancelled) await endRunning(run, pass);
  do await kept.flush();
  while (kept.waiting > 0);
  if (run.cancelled && run.window.running.length > 0) return settle(run, pass, kept, 'cancelled');
  return { end: run.cancelled ? 'cancelled' : end, left: { window: carriedOf(run.window), counts: run.status.counts } };
}

async function slideOn<T>(run: Run, pass: Pass<T>, kept: Batches<T>): Promise<PassEnd> {
  const { window, carried, request, steps } = run;
  for (;;) {
    if (run.cancelled) return 'cancelled';
    if (workflowInfo().continueAsNewSuggested || workflowInfo().historyLength >= run.mostEvents) return 'long';
    const entry = nextOf(window);
    if (entry !== null) void turn(run, pass, kept, begin(window, entry, new Date().toISOString()), false);
    else if (wantsMore(window)) take(window, await steps.nextFleetPage({ fleetId: carried.fleetId, source: request.source, after: window.cursor, pass: pass.name }));
    else if (isOver(window)) return 'over';
    else await nextEvent(run);
  }
}

function nextEvent(run: Run): Promise<void> {
  const seen = run.happened;
  return condition(() => run.happened !== seen);
}

/** What has ended leaves the window in the same moment in which it is there to be kept: no history in between can lose it. */
async function turn<T>(run: Run, pass: Pass<T>, kept: Batches<T>, entry: RunningEntry, again: boolean): Promise<void> {
  show(run);
  const one = await pass.act(run, entry, again);
  leave(run.window, entry);
  if (one !== null) {
    kept.add(one);
    pass.count(run, one);
  }
  show(run);
  run.happened++;
}

const show = ({ status, window }: Run): void => tellState(status, { running: window.running.map(({ repository }) => repository) });

/** What this run started is cancelled, and waited for; what was going on before goes on. */
async function endRunning<T>(run: Run, pass: Pass<T>): Promise<void> {
  tellState(run.status, { state: 'ending what runs' });
  for (const scope of run.waits.values()) scope.cancel();
  await Promise.all(run.window.running.filter(({ own }) => own).map((entry) => cancelOwn(entry, pass.workflowIdOf(entry.repository))));
  await condition(() => run.window.running.length === 0);
}
