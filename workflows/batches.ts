// Collects what is to be kept and writes it in batches, so that a history of thousands has few writes.
import { condition } from '@temporalio/workflow';

/** So many together are written at once. */
const BATCH = 25;
/** How long one waits for others. */
const WAIT = '2 seconds';

export interface Batches<T> {
  add(one: T): void;
  /** Not written yet. */
  readonly waiting: number;
  /** Writes what waits now, without waiting for more. Fails as the writing did. */
  flush(): Promise<void>;
}

/** Begins at once to write what is added. What a failed write held waits for `flush`, which fails as it did or writes it. */
export function batches<T>(write: (batch: T[]) => Promise<void>): Batches<T> {
  const pending: T[] = [];
  let hurried = false;
  let writing: Promise<void> | null = null;
  const writeAll = async (): Promise<void> => {
    while (pending.length > 0) {
      if (pending.length < BATCH && !hurried) await condition(() => pending.length >= BATCH || hurried, WAIT);
      const batch = pending.slice(0, BATCH * 4);
      await write(batch);
      pending.splice(0, batch.length);
    }
  };
  const begin = (): Promise<void> => {
    writing ??= writeAll().finally(() => (writing = null));
    return writing;
  };
  return {
    get waiting() {
      return pending.length;
    },
    add(one) {
      pending.push(one);
      begin().catch(() => {}); // told by `flush`
    },
    async flush() {
      hurried = true;
      if (pending.length > 0) await begin();
      hurried = false;
    },
  };
}
