// Operations `forge-data-list` and `forge-data-show`: what was exported of a repository's forge, read from the archive.
import { z } from 'zod';
import { forgeRecords, listForgeExports, readForgeExport } from '../archive/forge-data.ts';
import { ForgeDataKind, type ForgeExport } from '../contract/forge-data.ts';
import { PivoError } from '../contract/failures.ts';
import { RepositoryName } from '../contract/names.ts';
import { recordLine } from '../contract/record-line.ts';
import type { Store } from '../archive/store.ts';
import { defineOperation } from './operation.ts';

export interface ForgeExports {
  repository: string;
  /** The last one first. */
  exports: ForgeExport[];
}

export const forgeDataList = defineOperation({
  name: 'forge-data-list',
  description: 'Lists the exports of a repository\'s forge, the last one first: when, how many records of each kind were new or changed, and what the forge did not give.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName, limit: z.number().int().positive().max(1_000).default(50) }),
  async run({ store }, { repository, limit }): Promise<ForgeExports> {
    const numbers = await exportsOf(store, repository);
    const exports: ForgeExport[] = [];
    for (const number of numbers.toReversed().slice(0, limit)) exports.push((await readForgeExport(store, repository, number)).document);
    return { repository, exports };
  },
});

export const forgeDataShow = defineOperation({
  name: 'forge-data-show',
  description: 'Streams the records of a repository\'s forge as JSON lines, each in its state as of an export (default: the last): one kind, or all.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName, kind: ForgeDataKind.optional(), /** Number of the export. */ at: z.number().int().positive().optional() }),
  async run({ store }, { repository, kind, at }, { signal }): Promise<{ repository: string; export: number; content: AsyncIterable<Uint8Array> }> {
    const numbers = await exportsOf(store, repository);
    const last = at ?? numbers.at(-1) ?? 1;
    await readForgeExport(store, repository, last);
    const kinds = kind === undefined ? ForgeDataKind.options : [kind];
    return { repository, export: last, content: asOf(store, { repository, kinds, numbers: numbers.filter((number) => number <= last).toReversed() }, signal) };
  },
});

/** Fails with NotFound where there is none. */
async function exportsOf(store: Store, repository: string): Promise<number[]> {
  const numbers = await listForgeExports(store, repository);
  if (numbers.length === 0) throw new PivoError('NotFound', `nothing was exported of the forge of "${repository}"`, { hint: `Export it: pivo forge export ${repository}` });
  return numbers;
}

/** The newest line of each record that is not gone. */
async function* asOf(store: Store, { repository, kinds, numbers }: { repository: string; kinds: readonly ForgeDataKind[]; numbers: readonly number[] }, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const kind of kinds) {
    const seen = new Set<string>();
    for (const number of numbers) {
      const { document } = await readForgeExport(store, repository, number);
      for await (const record of forgeRecords(store, document, kind, signal)) {
        if (seen.has(record.id)) continue;
        seen.add(record.id);
        if (record.deleted !== true) yield Buffer.from(`${recordLine(record)}\n`);
      }
    }
  }
}
