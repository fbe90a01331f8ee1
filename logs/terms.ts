// The distinct words of all entries, so that a part of a word finds the words, and the words find the entries.
import type Database from 'better-sqlite3';
import { ownCopy } from './templates.ts';

/** Words that are known without asking the table; past that they are asked for again. */
const REMEMBERED = 200_000;
const SHORTEST = 3;
const LONGEST = 80;
/** Digits of a word past which it is taken for an id. */
const DIGITS = 4;

/** Collects words that were not seen before. */
export class TermCollector {
  readonly #db: Database.Database;
  /** Words that were collected as they stood, and the new ones in lower case. */
  readonly #seen = new Set<string>();
  readonly #fresh = new Set<string>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  see(text: string): void {
    let start = 0;
    const end = text.length;
    for (let i = 0; i <= end; i++) {
      const code = i === end ? 32 : text.charCodeAt(i);
      if (isLetter(code)) continue;
      if (i - start >= SHORTEST && i - start <= LONGEST) this.#piece(text.slice(start, i));
      start = i + 1;
    }
  }

  #piece(piece: string): void {
    if (this.#seen.has(piece)) return;
    let digits = 0;
    for (let i = 0; i < piece.length; i++) {
      const code = piece.charCodeAt(i);
      if (code >= 48 && code <= 57 && ++digits > DIGITS) return;
    }
    if (digits === piece.length) return;
    const own = ownCopy(piece);
    this.#seen.add(own);
    this.#fresh.add(own.toLowerCase());
  }

  /** Stores the new words; inside the batch's transaction. */
  store(): void {
    const term = this.#db.prepare('INSERT INTO terms (term) VALUES (?) ON CONFLICT (term) DO NOTHING');
    const part = this.#db.prepare('INSERT INTO term_parts (rowid, term) VALUES (?, ?)');
    for (const word of this.#fresh) {
      const { changes, lastInsertRowid } = term.run(word);
      if (changes === 1) part.run(lastInsertRowid, word);
    }
    this.#fresh.clear();
    if (this.#seen.size > REMEMBERED) this.#seen.clear();
  }

  /** Forgets what may not have been stored. */
  forget(): void {
    this.#seen.clear();
    this.#fresh.clear();
  }
}

/** A letter or a digit of ASCII, or anything above it: FTS5 cuts at the others too. */
const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code > 127;
