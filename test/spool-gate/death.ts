// Where a process of the kill matrix dies: at the nth call of something, before it or after it, once.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import fsPromises from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** `{process} {when} {call} {n}`: `worker before move 3`, `load after commit 1`, `worker after storeSegments 1`. */
export interface Death {
  process: 'worker' | 'load';
  when: 'before' | 'after';
  /** `move`: a rename within the spool; `commit`: of the records; else an act's name. */
  call: string;
  n: number;
}

export function parseDeath(text: string): Death | null {
  const [process, when, call, n] = text.split(' ');
  return n === undefined ? null : { process: process as Death['process'], when: when as Death['when'], call: call ?? '', n: Number(n) };
}

/** Kills this process, and for a load process its worker, where the death is of this process and has not struck before. */
export class Reaper {
  readonly #death: Death | null;
  readonly #marker: string;
  readonly #pids: readonly number[];
  #calls = 0;

  constructor(folder: string, death: Death | null, pids: readonly number[]) {
    this.#marker = join(folder, 'struck');
    this.#death = death;
    this.#pids = pids;
  }

  /** Whether to die before this call, or after it. */
  at(call: string): { before(): void; after(): void } {
    const strikes = this.#death?.call === call && ++this.#calls === this.#death.n;
    const die = (when: Death['when']): void => {
      if (strikes && this.#death?.when === when) this.#strike();
    };
    return { before: () => die('before'), after: () => die('after') };
  }

  #strike(): void {
    try {
      fs.writeFileSync(this.#marker, '', { flag: 'wx' });
    } catch {
      return; // it struck in a process before this one
    }
    for (const pid of this.#pids) process.kill(pid, 'SIGKILL');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // not one step further
  }
}

/** Renames within the spool are counted as `move`. */
export function reapMoves(reaper: Reaper): void {
  const { rename } = fsPromises;
  fsPromises.rename = async (from, to) => {
    if (!String(to).includes('/spool/')) return rename(from, to);
    const death = reaper.at('move');
    death.before();
    await rename(from, to);
    death.after();
  };
  syncBuiltinESMExports();
}

/** Ends of transactions of the records are counted as `commit`. */
export function reapCommits(reaper: Reaper): void {
  const prototype = Database.prototype as { exec(sql: string): unknown };
  const { exec } = prototype;
  prototype.exec = function (this: Database.Database, sql) {
    const death = sql === 'COMMIT' && this.name.endsWith('records.db') ? reaper.at('commit') : null;
    death?.before();
    const result = exec.call(this, sql);
    death?.after();
    return result;
  };
}
