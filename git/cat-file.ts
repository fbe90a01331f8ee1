// A running `git cat-file --batch`: one process answers many questions, in order, blobs streamed.
import { PivoError } from '../contract/failures.ts';
import type { ObjectType } from '../contract/snapshot.ts';
import { startGit, type GitProcess } from './process.ts';

export interface ObjectInfo {
  oid: string;
  type: ObjectType;
  size: number;
}

export interface ObjectContent extends ObjectInfo {
  /** The bytes; must be read to the end, or ended early, before the next object is delivered. */
  content: AsyncIterable<Uint8Array>;
}

export interface CatFile {
  /** An object by name (an object id, or anything without newline that git resolves). Fails with NotFound. */
  read(name: string): Promise<ObjectContent>;
  close(): void;
}

/** `oid SP type SP size`, or `name SP missing` (git-cat-file(1), "BATCH OUTPUT"). */
function parseInfo(line: string): ObjectInfo | null {
  const match = /^([0-9a-f]{40}|[0-9a-f]{64}) (commit|tree|blob|tag) (\d+)$/.exec(line);
  return match === null ? null : { oid: match[1] ?? '', type: match[2] as ObjectType, size: Number(match[3]) };
}

/** Types and sizes of many objects in one pass; null for one that is missing or ambiguous. */
export async function checkObjects(gitDir: string, names: Iterable<string>): Promise<(ObjectInfo | null)[]> {
  const asked = [...names];
  const input = asked.map((name) => `${name}\n`).join('');
  const running = startGit(['cat-file', '--batch-check', '--buffer'], { gitDir, input });
  let text = '';
  for await (const chunk of running.stdout.setEncoding('latin1')) text += chunk as string;
  await running.done;
  return text.split('\n').slice(0, asked.length).map(parseInfo);
}

/** Starts the process when first asked, and again when it died. */
export function openCatFile(gitDir: string): CatFile {
  let process: BatchProcess | null = null;
  let last: Promise<unknown> = Promise.resolve();
  return {
    read(name) {
      const mine = last.then(() => {
        if (process === null || process.ended) process = startBatch(gitDir);
        return process.ask(name);
      });
      last = mine.then((object) => object.delivered, () => {});
      return mine;
    },
    close() {
      process?.kill();
      process = null;
    },
  };
}

interface BatchProcess {
  readonly ended: boolean;
  ask(name: string): Promise<ObjectContent & { delivered: Promise<void> }>;
  kill(): void;
}

function startBatch(gitDir: string): BatchProcess {
  const running: GitProcess = startGit(['cat-file', '--batch'], { gitDir });
  const chunks = running.stdout[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  let ended = false;
  const more = async (): Promise<void> => {
    const next = (await chunks.next()) as IteratorResult<Buffer>;
    if (next.done === true) {
      ended = true;
      await running.done;
      throw new PivoError('GitFailed', 'git cat-file ended');
    }
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
  };
  const line = async (): Promise<string> => {
    let end = rest.indexOf(10);
    for (; end < 0; end = rest.indexOf(10)) await more();
    const text = rest.toString('latin1', 0, end);
    rest = rest.subarray(end + 1);
    return text;
  };
  const take = async function* (size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      if (rest.length === 0) await more();
      const piece = rest.subarray(0, left);
      rest = rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  };
  return {
    get ended() {
      return ended;
    },
    kill: () => running.kill('SIGKILL'),
    async ask(name) {
      running.stdin.write(`${name}\n`);
      const info = parseInfo(await line());
      if (info === null) throw new PivoError('NotFound', `there is no object ${name}`);
      let finish = (): void => {};
      const delivered = new Promise<void>((resolve) => (finish = resolve));
      return { ...info, content: wholeObject(take(info.size + 1), info.size, finish), delivered };
    },
  };
}

/** The bytes of one object without the newline that follows it; what a reader leaves unread is skipped. */
async function* wholeObject(pieces: AsyncGenerator<Uint8Array>, size: number, finish: () => void): AsyncGenerator<Uint8Array> {
  let left = size;
  try {
    for (;;) {
      const piece = await pieces.next();
      if (piece.done === true) return;
      const mine = piece.value.subarray(0, left);
      left -= mine.length;
      if (mine.length > 0) yield mine;
    }
  } finally {
    for (;;) if ((await pieces.next()).done === true) break;
    finish();
  }
}
