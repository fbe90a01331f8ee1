// Operations `source-list`, `source-show` and `source-repositories`: which sources there are, and what was found in them.
import { z } from 'zod';
import { SourceName, SourceState, type SourceRepository } from '../contract/source.ts';
import { stateSources, summarizeSources, unknownSource, type SourceSummary } from '../state/sources.ts';
import { defineOperation } from './operation.ts';

/** A source with its settings, and how much was found in it. */
export type SourceView = SourceSummary['spec'] & Omit<SourceSummary, 'spec'>;

const viewOf = ({ spec, ...counts }: SourceSummary): SourceView => ({ ...spec, ...counts });

export const sourceList = defineOperation({
  name: 'source-list',
  description: 'Lists the sources (organisations, users and groups of forges, and lists of URLs) with their settings and how many repositories each has.',
  kind: 'reads',
  input: z.strictObject({}),
  run: ({ paths }): Promise<SourceView[]> => Promise.resolve(summarizeSources(paths.state).map(viewOf)),
});

export const sourceShow = defineOperation({
  name: 'source-show',
  description: 'One source: its settings, when it was asked last, and how many repositories are present, excluded and vanished.',
  kind: 'reads',
  input: z.strictObject({ source: SourceName }),
  run({ paths }, { source }): Promise<SourceView> {
    const [found] = summarizeSources(paths.state, source);
    if (found === undefined) throw unknownSource(source);
    return Promise.resolve(viewOf(found));
  },
});

export interface SourceRepositories {
  repositories: SourceRepository[];
  /** What `after` is to be for the next page; null: this was the last. */
  next: string | null;
}

export const sourceRepositories = defineOperation({
  name: 'source-repositories',
  description: 'The repositories of a source by their names in the archive: present, excluded (and why) or vanished, with their path on the forge and earlier paths.',
  kind: 'reads',
  input: z.strictObject({
    source: SourceName,
    state: SourceState.optional(),
    /** Goes on behind the repository of that name. */
    after: z.string().max(200).optional(),
    limit: z.number().int().positive().max(1_000).default(100),
  }),
  run({ paths }, { source, state, after = null, limit }): Promise<SourceRepositories> {
    const book = stateSources(paths.state);
    if (book.source(source) === null) throw unknownSource(source);
    const repositories = book.repositories(source, after, limit, state);
    return Promise.resolve({ repositories, next: repositories.length < limit ? null : (repositories.at(-1)?.repository ?? null) });
  },
});
