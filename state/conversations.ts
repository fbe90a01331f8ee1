// Conversations as the state database keeps them: one row a conversation, one row a turn.
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { ConversationSummary, LoadedConversation, Message, RecordedTurn, TurnResult } from '../contract/conversation.ts';
import { PivoError } from '../contract/failures.ts';
import { STATE_SCHEMA, STATE_SCHEMA_VERSION } from './schema.ts';

/** Milliseconds that a writer waits for another process. */
const PATIENCE = 5_000;

export interface Conversations extends Disposable {
  /** The latest first. */
  list(limit: number): ConversationSummary[];
  /** The last `turns` turns with their messages, oldest first; null when there is no such conversation. */
  load(conversation: string, turns: number): LoadedConversation | null;
  /** Writes a turn that ended; the same turn twice is one. */
  record(turn: RecordedTurn): void;
}

/**
 * Opens the state database for writing; makes it where it is missing. Fails with Damaged when it cannot be read or is of
 * another version: unlike the index it is never thrown away.
 */
export function openConversations(path: string): Conversations {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new Database(path, { timeout: PATIENCE });
  chmodSync(path, 0o600);
  readable(db, path, () => {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.transaction(() => {
      if (versionOf(db) === 0) db.exec(`${STATE_SCHEMA} PRAGMA user_version = ${STATE_SCHEMA_VERSION}`);
    }).exclusive();
  });
  return over(db, path);
}

/** The same, to read only; null when there is no state database yet. Fails as `openConversations`. */
export function readConversations(path: string): Omit<Conversations, 'record'> | null {
  if (!existsSync(path)) return null;
  const db = new Database(path, { timeout: PATIENCE, readonly: true });
  if (readable(db, path, () => versionOf(db)) !== 0) return over(db, path);
  db.close(); // its writer is just making it
  return null;
}

/** Closes a database that cannot be used. */
function readable<T>(db: Database.Database, path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    db.close();
    const { code = '' } = error as { code?: string };
    if (!/^SQLITE_(NOTADB|CORRUPT)/.test(code)) throw error;
    throw new PivoError('Damaged', `${path} cannot be read as a database`, { hint: 'Put a copy of it back, or move the file away and lose its conversations.', facts: { path }, cause: error });
  }
}

const versionOf = (db: Database.Database): unknown => db.pragma('user_version', { simple: true });

function over(db: Database.Database, path: string): Conversations {
  const version = versionOf(db);
  if (version !== STATE_SCHEMA_VERSION) {
    db.close();
    throw new PivoError('Damaged', `${path} is of version ${String(version)}, not ${STATE_SCHEMA_VERSION}`, { hint: 'It was written by another version of PIVO: use that one, or move the file away and lose its conversations.', facts: { path } });
  }
  return {
    list: (limit) => listed(db, limit),
    load: (conversation, turns) => loaded(db, conversation, turns),
    record: (turn) => db.transaction(() => recorded(db, turn)).immediate(),
    [Symbol.dispose]: () => void db.close(),
  };
}

function listed(db: Database.Database, limit: number): ConversationSummary[] {
  const sql = `SELECT id AS conversation, title, (SELECT count(*) FROM messages WHERE conversation = id) AS turns, started, updated, user
    FROM conversations ORDER BY updated DESC, id LIMIT ?`;
  return db.prepare<[number], ConversationSummary>(sql).all(limit);
}

function loaded(db: Database.Database, conversation: string, turns: number): LoadedConversation | null {
  const found = db.prepare<[string], { title: string }>('SELECT title FROM conversations WHERE id = ?').get(conversation);
  if (found === undefined) return null;
  const rows = db.prepare<[string, number], { result: string; exchanged: string }>('SELECT result, exchanged FROM messages WHERE conversation = ? ORDER BY number DESC LIMIT ?').all(conversation, turns).reverse();
  return {
    title: found.title,
    messages: rows.flatMap(({ exchanged }) => JSON.parse(exchanged) as Message[]),
    turns: rows.map(({ result }) => JSON.parse(result) as TurnResult),
  };
}

function recorded(db: Database.Database, { title, result, messages, speaker }: RecordedTurn): void {
  const { conversation, turn, question, answer, end, model, usage, started, finished } = result;
  db.prepare(`INSERT INTO conversations (id, title, user, started, updated) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET title = excluded.title, updated = max(updated, excluded.updated)`).run(conversation, title, speaker.user, started, finished);
  db.prepare(`INSERT INTO messages (conversation, number, turn, user, question, answer, ended, model, input_tokens, output_tokens, started, finished, result, exchanged)
    VALUES (@conversation, (SELECT coalesce(max(number), 0) + 1 FROM messages WHERE conversation = @conversation), @turn, @user, @question, @answer, @end, @model, @input, @output, @started, @finished, @result, @exchanged)
    ON CONFLICT (conversation, turn) DO NOTHING`).run({
    conversation, turn, user: speaker.user, question, answer, end, model, ...usage, started, finished, result: JSON.stringify(result), exchanged: JSON.stringify(messages),
  });
}
