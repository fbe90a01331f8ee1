// Act: makes the vectors of records that have none by the configured embedder, until no text is left to claim.
import { PivoError } from '../contract/failures.ts';
import { redact } from '../logs/redact.ts';
import type { Embedder } from '../logs/vectors/embedder.ts';
import { openEmbedder } from '../logs/vectors/open.ts';
import type { EmbedRecordsSummary } from '../contract/record-search.ts';
import { useRecords } from '../records/open.ts';
import type { RecordStore, RecordText } from '../records/store.ts';
import type { ActRun, ActivityDeps } from './act.ts';

/** Texts of one claim. */
const BATCH = 128;
/** Characters of a text that are embedded: models take about as many. */
const MOST_CHARACTERS = 4_000;
/** Milliseconds beside twice the embedder's own patience. */
const LEASE = 30_000;

/** What one act did. */
export interface EmbeddingPass extends EmbedRecordsSummary {
  /** An attempt before this one may hold texts that it was killed over, for so many milliseconds; 0: there was none. */
  held: number;
}

/**
 * Several workers share the texts by their claims; what an attempt had claimed when it was killed comes back when its lease runs out. Fails with
 * Unavailable where this worker stores no records, or where database or service do not answer, with CredentialMissing and InvalidInput as they do.
 */
export async function embedRecords({ records, embeddings }: ActivityDeps, _input: unknown, run: ActRun): Promise<EmbeddingPass> {
  if (records === undefined || embeddings === undefined) throw new PivoError('Unavailable', 'this worker stores no records');
  const lease = LEASE + 2 * embeddings.timeout * 1000;
  const embedder = await openEmbedder(embeddings);
  const vectors = await useRecords(records, (store) => embedAll(store, embedder, lease, run));
  return { embedder: embedder.name, vectors, held: run.attempt === 1 ? 0 : lease };
}

async function embedAll(store: RecordStore, embedder: Embedder, lease: number, { signal, onProgress }: ActRun): Promise<number> {
  let done = 0;
  for (;;) {
    signal.throwIfAborted();
    const texts = await store.claimTexts(embedder.name, BATCH, lease);
    if (texts.length === 0) return done;
    try {
      await store.putVectors(embedder.name, await vectorsOf(embedder, texts, signal));
    } catch (error) {
      await store.releaseTexts(embedder.name, texts.map(({ record }) => record)).catch(() => {}); // else the lease runs out
      throw error;
    }
    done += texts.length;
    onProgress({ phase: `embedding by ${embedder.name}`, done });
  }
}

/** Without the secrets that PIVO knows; a text of spaces has no meaning, and a vector of zeros. */
async function vectorsOf(embedder: Embedder, texts: readonly RecordText[], signal: AbortSignal): Promise<{ record: number; vector: Float32Array }[]> {
  const beginnings = texts.map(({ record, text }) => ({ record, text: redact(text).slice(0, MOST_CHARACTERS).trim() }));
  const meant = beginnings.filter(({ text }) => text !== '');
  const vectors = meant.length === 0 ? [] : await embedder.embed(meant.map(({ text }) => text), signal);
  const made = new Map(meant.map(({ record }, at) => [record, vectors[at]]));
  return beginnings.map(({ record }) => ({ record, vector: made.get(record) ?? new Float32Array(embedder.dimensions) }));
}
