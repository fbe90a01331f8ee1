// Operation `top-k`: the events whose text is nearest in meaning to a question.
import { z } from 'zod';
import { parseInstant } from '../archive/reading/instants.ts';
import { PivoError } from '../contract/failures.ts';
import type { NearEvent, TopK } from '../contract/record-search.ts';
import { openEmbedder } from '../logs/vectors/open.ts';
import { HASHED_SETTINGS } from '../logs/vectors/settings.ts';
import { redact, redactTexts } from '../logs/redact.ts';
import { useRecords } from '../records/open.ts';
import type { RecordHit } from '../records/store.ts';
import { defineOperation } from './operation.ts';

const Filter = z.string().min(1).max(512);
const Instant = z.string().min(1).max(60);

export const topK = defineOperation({
  name: 'top-k',
  description: 'Finds the stored events whose text is nearest in meaning to a question, by vectors; filters by type, key and time. Each hit has its cosine distance: 0 says the same, 1 has nothing in common.',
  kind: 'reads',
  input: z.strictObject({
    query: z.string().trim().min(1).max(4_000),
    k: z.number().int().min(1).max(100).default(10),
    /** The event's type. */
    type: Filter.max(200).optional(),
    /** What the event belongs to, such as a repository or a host. */
    key: Filter.optional(),
    /** ISO 8601, UTC without a zone; a date alone is its first instant. */
    since: Instant.optional(),
    /** Exclusive; a date alone is the end of that day. */
    until: Instant.optional(),
  }),
  async run({ records, embeddings = HASHED_SETTINGS }, { query, k, type, key, since, until }, { signal }): Promise<TopK> {
    if (records === undefined) throw new PivoError('Unavailable', 'this PIVO has no records database');
    const span = { since: since === undefined ? undefined : first(since), until: until === undefined ? undefined : end(until) };
    const embedder = await openEmbedder(embeddings);
    const [vector = new Float32Array(embedder.dimensions)] = await embedder.embed([redact(query)], signal);
    const hits = await useRecords(records, (store) => store.topK({ embedder: embedder.name, vector, k, type, key, ...span }));
    return { embedder: embedder.name, hits: hits.map(shown) };
  },
});

/** Without the secrets that PIVO knows; whoever may read the database finds them there. */
const shown = ({ record: _record, time, text, data, ...hit }: RecordHit): NearEvent => ({ ...hit, time: new Date(time).toISOString(), text: redact(text), data: redactTexts(data) });

const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text);

const first = (text: string): number => instant('since', isDate(text) ? `${text}T00:00Z` : text);

const end = (text: string): number => instant('until', text) + (isDate(text) ? 1 : 0);

/** Milliseconds since 1970. Fails with InvalidInput for what is no instant. */
function instant(name: 'since' | 'until', text: string): number {
  const found = parseInstant(text);
  if (found === null) throw new PivoError('InvalidInput', `${name}: "${text}" is no instant`, { hint: 'Write ISO 8601, such as 2026-11-21T06:00Z or 2026-11-21.' });
  return found.getTime();
}
