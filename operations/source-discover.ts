// Operations `source-discover` and `source-preview`: asks a source what it holds, and shows what a dry run would take.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import { QUERY, WORKFLOW, discoverWorkflowId } from '../contract/names.ts';
import { DiscoverInput, SourceName, type DecidedRepository, type Discovery } from '../contract/source.ts';
import { decidedRepositories, stateSources, unknownSource } from '../state/sources.ts';
import { defineOperation, isMachine, type OperationContext, type RunOptions } from './operation.ts';
import { followStarted, startOrJoin, type StartedRun } from './started-run.ts';

export const sourceDiscover = defineOperation({
  name: 'source-discover',
  description: 'Asks a source which repositories it has now and keeps what is new, renamed or vanished; nothing is backed up or deleted. Returns when it is done, or at once with `wait: false`.',
  kind: 'starts',
  input: DiscoverInput.omit({ worker: true, requestedBy: true }).extend({ wait: z.boolean().default(true) }),
  async run(context, { wait, ...asked }, options): Promise<(Discovery & { joined: boolean }) | StartedRun> {
    const { source, dryRun, acceptVanished } = asked;
    if (acceptVanished && isMachine(context.caller)) throw new PivoError('NotAllowed', 'an agent may not say that repositories are gone', { hint: `A person can: pivo source discover ${source} --accept-vanished` });
    if (stateSources(context.paths.state).source(source) === null) throw unknownSource(source);
    const input: DiscoverInput = { ...asked, worker: context.workerId, requestedBy: context.caller.user };
    for (;;) {
      const run = await startOrJoin(context, { type: WORKFLOW.discover, workflowId: discoverWorkflowId(source), input, summary: `Look what source ${source} holds` });
      if (run.joined && (dryRun || acceptVanished)) throw new PivoError('Exists', `source "${source}" is being asked already, in another way`, { hint: 'Try again when that is done; `pivo jobs` shows it.' });
      if (!wait) return run;
      const found = await followed(context, run, options);
      if (dryRun || found.dryRun !== true) return { ...found, joined: run.joined }; // a dry run of somebody else kept nothing
    }
  },
});

/** Milliseconds between two looks at a run between its steps, where it may wait for the forge. */
const LOOK_EVERY = 500;

/** The steps of a discovery are short: what it is at is the run's to say. */
async function followed(context: OperationContext, run: StartedRun, { signal, onProgress }: RunOptions): Promise<Discovery> {
  const { setTimeout: delay } = await import('node:timers/promises');
  const handle = (await context.temporal()).workflow.getHandle(run.workflowId, run.runId);
  const ended = new AbortController();
  const looking = (async () => {
    for (let told = ''; await delay(LOOK_EVERY, true, { signal: ended.signal }).catch(() => false); ) {
      const progress = await handle.query<Progress>(QUERY.status).catch(() => null); // a look that fails is repeated
      if (progress === null || ended.signal.aborted || told === (told = JSON.stringify(progress))) continue;
      onProgress(progress);
    }
  })();
  try {
    return await followStarted<Discovery>(context, run, { signal, onProgress: () => {} });
  } finally {
    ended.abort();
    await looking;
  }
}

export interface SourcePreview {
  repositories: DecidedRepository[];
  /** What `after` is to be for the next page; null: this was the last. */
  next: string | null;
}

export const sourcePreview = defineOperation({
  name: 'source-preview',
  description: 'What the newest discovery of a source decided of each repository that it listed: its name in the archive, or why it is not taken. After a dry run: what would be taken.',
  kind: 'reads',
  input: z.strictObject({
    source: SourceName,
    discovery: z.string().min(1).max(100),
    /** Goes on behind the repository of that name. */
    after: z.string().max(200).optional(),
    limit: z.number().int().positive().max(1_000).default(100),
  }),
  run({ paths }, { source, discovery, after = null, limit }): Promise<SourcePreview> {
    const repositories = decidedRepositories(paths.state, source, discovery, { after, limit });
    return Promise.resolve({ repositories, next: repositories.length < limit ? null : (repositories.at(-1)?.repository ?? null) });
  },
});
