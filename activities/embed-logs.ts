// Act: makes the vectors of the configured embedder for what the log index has; an attempt that follows goes on behind the last batch.
import { PivoError } from '../contract/failures.ts';
import { openLogsForWriting } from '../logs/open.ts';
import { dueShapes, storeDue } from '../logs/vectors/embed.ts';
import { keepVectors } from '../logs/vectors/keep.ts';
import { openEmbedder } from '../logs/vectors/open.ts';
import { activate, beginEmbedder, vectorCount } from '../logs/vectors/table.ts';
import type { EmbedLogsSummary } from '../contract/log-search.ts';
import type { ActRun, ActivityDeps } from './act.ts';

/**
 * Embeds what has no vector of that embedder yet, and then has it searched; until then the old vectors are. Fails with
 * Unavailable where this worker has no log index or the service does not answer, with CredentialMissing and InvalidInput as the service does.
 */
export async function embedLogs({ logIndex, embeddings }: ActivityDeps, _input: unknown, run: ActRun): Promise<EmbedLogsSummary> {
  if (logIndex === undefined || embeddings === undefined) throw new PivoError('Unavailable', 'this worker keeps no log index');
  const embedder = await openEmbedder(embeddings);
  const db = openLogsForWriting(logIndex);
  try {
    keepVectors(db);
    const stored = beginEmbedder(db, embedder);
    const all = db.prepare('SELECT coalesce(max(id), 0) FROM shapes').pluck().get() as number;
    for (let due = dueShapes(db, stored); due !== null; due = dueShapes(db, stored)) {
      run.signal.throwIfAborted();
      run.onProgress({ phase: `embedding by ${embedder.name}`, done: stored.shape, total: all });
      const vectors = due.shapes.length === 0 ? [] : await embedder.embed(due.shapes.map(({ text }) => text), run.signal);
      if (!storeDue(db, stored, due, vectors)) throw new PivoError('Unavailable', 'another process embeds the same logs at the same time');
    }
    if (stored.state === 'next') activate(db, stored);
    return { embedder: embedder.name, vectors: vectorCount(db, stored) };
  } finally {
    db.close();
  }
}
