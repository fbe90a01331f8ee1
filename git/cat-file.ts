// Objects by id from one `git cat-file` that stays: many questions, one process.
import { createInterface } from 'node:readline';
import { PivoError } from '../contract/failures.ts';
import type { ObjectType } from '../contract/snapshot.ts';
import { startGit, type GitProcess } from './process.ts';

export interface ObjectInfo {
  oid: string;
  type: ObjectType;
  /** Bytes of its content. */
  size: number;
}

export interface StoredObject extends ObjectInfo {
  content: Buffer;
}

export interface OpenedObject extends ObjectInfo {
  /** Read once; not reading it costs nothing. */
  content: AsyncIterable<Uint8Array>;
}

/**
 * A name is an object id, or anything git takes for one (`{id}^{commit}`) without line breaks. Answers come in
 * the order of the questions; null means that no such object is there.
 */
export interface CatFile {
  info(name: string): Promise<ObjectInfo | null>;
  /** The whole object: for trees, commits and small blobs. Fails with LimitExceeded above 128 MiB. */
  read(name: string): Promise<StoredObject | null>;
  /** The object as a stream: above 1 MiB from a git of its own, so that a slow reader holds up nobody else. */
  open(name: string, signal?: AbortSignal): Promise<OpenedObject | null>;
  /** Answers what was asked and ends the process; later questions fail with Cancelled. */
  close(): Promise<void>;
}

const LARGEST_READ = 128 * 2 ** 20;
const STREAMED_ABOVE = 2 ** 20;
/** Milliseconds without a question after which the process ends; the next question starts another. */
const IDLE = 60_000;

/** `oid SP type SP size` (git-cat-file(1), "BATCH OUTPUT"); anything else says that there is no such object. */
function parseInfo(line: string): ObjectInfo | null {
  const [, oid, type, size] = /^([0-9a-f]{40}|[0-9a-f]{64}) (commit|tree|blob|tag) ([0-9]+)$/.exec(line) ?? [];
  return oid === undefined ? null : { oid, type: type as ObjectType, size: Number(size) };
}

const checkName = (name: string): string => {
  if (name === '' || /[\n\r\0]/.test(name)) throw new PivoError('InvalidInput', `${JSON.stringify(name)} names no object`);
  return name;
};

interface Question {
  command: 'info' | 'contents';
  name: string;
  /** Processes that ended before they answered it. */
  lost: number;
  resolve(answer: StoredObject | ObjectInfo | null): void;
  reject(error: unknown): void;
}

/** One process and the questions it has not answered; `onEnd` gets those it left unanswered. */
class Conversation {
  readonly #git: GitProcess;
  readonly #waiting: Question[] = [];
  #unsent = '';
  #header = '';
  #body: { info: ObjectInfo; chunks: Buffer[]; missing: number } | null = null;

  constructor(gitDir: string, onEnd: (left: Question[], why: unknown) => void) {
    this.#git = startGit(['cat-file', '--batch-command'], { gitDir });
    this.#git.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#git.done.then(() => onEnd(this.#waiting, null), (error: unknown) => onEnd(this.#waiting, error));
  }

  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  get ended(): Promise<unknown> {
    return this.#git.done.catch(() => {});
  }

  /** Questions of one turn of the event loop are sent in one write. */
  ask(question: Question): void {
    this.#waiting.push(question);
    if (this.#unsent === '') queueMicrotask(() => this.#send());
    this.#unsent += `${question.command} ${question.name}\n`;
  }

  end(): void {
    this.#send();
    this.#git.stdin.end();
  }

  #send(): void {
    if (this.#unsent !== '') this.#git.stdin.write(this.#unsent);
    this.#unsent = '';
  }

  #take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) at = this.#body === null ? this.#takeHeader(chunk, at) : this.#takeBody(this.#body, chunk, at);
  }

  #takeHeader(chunk: Buffer, from: number): number {
    const end = chunk.indexOf(10, from);
    this.#header += chunk.toString('latin1', from, end === -1 ? chunk.length : end);
    if (end === -1) return chunk.length;
    const info = parseInfo(this.#header);
    this.#header = '';
    const question = this.#waiting[0];
    if (info === null || question?.command === 'info') this.#waiting.shift()?.resolve(info);
    else if (info.size <= LARGEST_READ) this.#body = { info, chunks: [], missing: info.size + 1 };
    else return this.#refuse(info, chunk);
    return end + 1;
  }

  #takeBody(body: { info: ObjectInfo; chunks: Buffer[]; missing: number }, chunk: Buffer, from: number): number {
    const piece = chunk.subarray(from, from + body.missing);
    body.chunks.push(piece);
    body.missing -= piece.length;
    if (body.missing === 0) {
      this.#body = null;
      this.#waiting.shift()?.resolve({ ...body.info, content: Buffer.concat(body.chunks, body.info.size) });
    }
    return from + piece.length;
  }

  #refuse(info: ObjectInfo, chunk: Buffer): number {
    this.#waiting.shift()?.reject(new PivoError('LimitExceeded', `${info.type} ${info.oid} has ${info.size} bytes, more than can be read at once`));
    this.#git.stdout.removeAllListeners('data');
    this.#git.stdout.resume();
    this.#git.kill('SIGKILL');
    return chunk.length;
  }
}

/** Opens the objects of a repository; git starts with the first question, and again when it was ended from outside. */
export function openCatFile(gitDir: string): CatFile {
  let conversation: Conversation | null = null;
  let closed = false;
  let idle: NodeJS.Timeout | undefined;

  const start = (): Conversation => {
    const started = new Conversation(gitDir, (left, why) => {
      if (conversation === started) conversation = null;
      askAgain(left, why);
    });
    return started;
  };
  const askAgain = ([first, ...others]: Question[], why: unknown): void => {
    if (first === undefined) return;
    if (first.lost > 0) first.reject(why ?? new PivoError('GitFailed', `git cat-file ended before it answered about ${first.name}`));
    else send({ ...first, lost: 1 });
    for (const question of others) send(question);
  };
  const send = (question: Question): void => {
    conversation ??= start();
    conversation.ask(question);
    idle ??= setInterval(endWhenIdle, IDLE).unref();
  };
  let asked = 0;
  let askedBefore = 0;
  const endWhenIdle = (): void => {
    if (asked === askedBefore && conversation?.idle === true) {
      conversation.end();
      conversation = null;
      clearInterval(idle);
      idle = undefined;
    }
    askedBefore = asked;
  };
  const ask = async (command: Question['command'], name: string): Promise<StoredObject | ObjectInfo | null> => {
    if (closed) throw new PivoError('Cancelled', 'the repository was closed while it was read');
    checkName(name);
    asked += 1;
    return new Promise((resolve, reject) => send({ command, name, lost: 0, resolve, reject }));
  };
  const read = (name: string): Promise<StoredObject | null> => ask('contents', name) as Promise<StoredObject | null>;
  const info = (name: string): Promise<ObjectInfo | null> => ask('info', name);
  return {
    info,
    read,
    async open(name, signal) {
      const found = await info(name);
      if (found === null) return null;
      if (found.size > STREAMED_ABOVE) return { ...found, content: streamObject(gitDir, found, signal) };
      const small = await read(found.oid);
      return small === null ? null : { ...found, content: once(small.content) };
    },
    async close() {
      closed = true;
      clearInterval(idle);
      const last = conversation;
      last?.end();
      await last?.ended;
    },
  };
}

async function* once(content: Buffer): AsyncGenerator<Uint8Array> {
  if (content.length > 0) yield content;
}

async function* streamObject(gitDir: string, { type, oid }: ObjectInfo, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const running = startGit(['cat-file', type, oid], { gitDir, signal });
  running.stdin.end();
  try {
    for await (const chunk of running.stdout) yield chunk as Buffer;
    await running.done;
  } finally {
    running.kill('SIGKILL');
  }
}

/**
 * Type and size of many objects in one pass of one process, in the order of the names; null for what is not there.
 * Fails with InvalidInput for a name with a line break, and with GitFailed.
 */
export async function checkObjects(gitDir: string, names: Iterable<string>, signal?: AbortSignal): Promise<(ObjectInfo | null)[]> {
  const running = startGit(['cat-file', '--buffer', '--batch-check'], { gitDir, input: lines(names), signal });
  try {
    const found: (ObjectInfo | null)[] = [];
    for await (const line of createInterface({ input: running.stdout.setEncoding('latin1'), crlfDelay: Infinity })) found.push(parseInfo(line));
    await running.done;
    return found;
  } finally {
    running.kill('SIGKILL');
  }
}

/** Names in pieces that fit a pipe. */
async function* lines(names: Iterable<string>): AsyncGenerator<string> {
  let piece = '';
  for (const name of names) {
    piece += `${checkName(name)}\n`;
    if (piece.length < 32 * 1024) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
