// Operation `cost`: what the archive takes, by repository and part, and what it will take in a year at this rate.
import { z } from 'zod';
import { eachAtOnce } from '../archive/at-once.ts';
import { HEAP_BYTES, costOf, repositoryCost, sumOf, visitCosts, type Cost, type RepositoryCost, type VisitCost } from '../archive/cost.ts';
import { listArchived } from '../archive/forge-data.ts';
import type { Store } from '../archive/store.ts';
import { PivoError } from '../contract/failures.ts';
import { RepositoryName } from '../contract/names.ts';
import { defineOperation } from './operation.ts';

export interface CostReport {
  /** Where the archive is. */
  store: string;
  /** Everything below, together. */
  total: Cost & {
    /** Bytes on the disks for each byte stored; null where a store has no replicas. */
    replication: number | null;
    /** Of the NameNode, for its objects; null where there is none. */
    heapBytes: number | null;
    /** Bytes on the disks that a year adds, of the repositories whose rate is known; null where none is. */
    perYear: number | null;
    /** Repositories whose rate is not known, or says little. */
    uncertain: number;
  };
  /** By part, over all repositories. */
  parts: (Cost & { part: string })[];
  /** The dearest first. */
  repositories: RepositoryCost[];
  /** Of one repository: what its last visits added, the last first. */
  visits?: VisitCost[];
}

/** Repositories that are measured together. */
const AT_ONCE = 16;
/** Folders beside the repositories. */
const OTHERS = ['restores', 'audit'] as const;

export const cost = defineOperation({
  name: 'cost',
  description: 'Tells what the archive takes: bytes, files, objects of the NameNode and replicas, by repository and part, what a year adds at this rate, and for one repository what each visit added.',
  kind: 'reads',
  input: z.strictObject({
    /** Missing: all repositories. */
    repository: RepositoryName.optional(),
    /** Most visits that are told of one repository. */
    limit: z.number().int().positive().max(10_000).default(50),
  }),
  async run({ store }, { repository, limit }, { signal, onProgress }): Promise<CostReport> {
    const names = repository === undefined ? await listArchived(store) : [repository];
    const repositories: RepositoryCost[] = [];
    await eachAtOnce(names, AT_ONCE, async (name, ending) => {
      repositories.push(await repositoryCost(store, name, ending));
      onProgress({ phase: 'measuring', done: repositories.length, total: names.length });
    }, signal);
    if (repository !== undefined && repositories[0]?.files === 0) throw new PivoError('NotFound', `there is no repository "${repository}" in the archive`, { hint: '`pivo repos` lists what is there.', facts: { repository } });
    repositories.sort((a, b) => b.stored - a.stored || (a.repository < b.repository ? -1 : 1));
    const others = repository === undefined ? await othersOf(store, signal) : [];
    const report = { store: store.url, total: totalOf(repositories, others), parts: [...partsOf(repositories), ...others], repositories };
    return repository === undefined ? report : { ...report, visits: await visitCosts(store, repository, limit, signal) };
  },
});

async function othersOf(store: Store, signal: AbortSignal): Promise<CostReport['parts']> {
  const measured = await Promise.all(OTHERS.map(async (part) => ({ part, usage: await store.usage(part, signal) })));
  return measured.flatMap(({ part, usage }) => (usage === null ? [] : [{ part, ...costOf(usage) }]));
}

function partsOf(repositories: readonly RepositoryCost[]): CostReport['parts'] {
  const byPart = Map.groupBy(repositories.flatMap(({ parts }) => parts), ({ part }) => part);
  return [...byPart].map(([part, costs]) => ({ part, ...sumOf(costs) })).sort((a, b) => b.stored - a.stored);
}

function totalOf(repositories: readonly RepositoryCost[], others: readonly Cost[]): CostReport['total'] {
  const total = sumOf([...repositories, ...others]);
  const rates = repositories.flatMap(({ growth }) => growth?.perYear ?? []);
  return {
    ...total,
    replication: total.blocks === null || total.bytes === 0 ? null : total.stored / total.bytes,
    heapBytes: total.objects === null ? null : total.objects * HEAP_BYTES,
    perYear: rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0),
    uncertain: repositories.filter(({ growth }) => growth === null || growth.caveat !== null).length,
  };
}
