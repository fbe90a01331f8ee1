// Keeps what search needs beside the entries up to date with them: shapes, and the vectors of the default embedder.
import type Database from 'better-sqlite3';
import { shapeEntries } from '../search/shape-entries.ts';
import { dueShapes, storeDue } from './embed.ts';
import { hashedEmbedder, hashedVector } from './hashed/embedder.ts';
import { activeEmbedder, beginEmbedder } from './table.ts';

/**
 * Shapes the new entries, and makes hashed vectors where those are the active ones; a service's vectors are made by the
 * workflow `embedLogs`. `most`: entries, for a process that has other work too. What is left, or what a crash interrupts,
 * the next call does.
 */
export function keepVectors(db: Database.Database, most = Number.POSITIVE_INFINITY): void {
  if (shapeEntries(db, most) >= most) return;
  const active = activeEmbedder(db) ?? beginEmbedder(db, hashedEmbedder);
  if (active.name !== hashedEmbedder.name) return;
  for (let due = dueShapes(db, active); due !== null; due = dueShapes(db, active)) {
    if (!storeDue(db, active, due, due.shapes.map(({ text }) => hashedVector(text)))) return;
  }
}
