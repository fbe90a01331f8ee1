// The servers of an HDFS cluster: which NameNode to ask, which DataNode a redirect may lead to, and in whose name.
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { readFile } from 'node:fs/promises';
import { PivoError, isPivoError } from '../../contract/failures.ts';
import type { HdfsAddress } from './address.ts';
import { isForAnother, lost, nonsense, refusal, type Asked } from './failure.ts';
import type { WebHdfsSettings } from './settings.ts';
import { ConnectionLost, openWire, type Content, type Wire, type WireRequest } from './wire.ts';

const TIMEOUTS = { connect: 10, idle: 60 };
/** Most of a JSON answer or an error that is read: a page of a listing has 1,000 entries. */
const ANSWER_BYTES = 32 * 2 ** 20;
/** How many DataNodes are tried for one read or write. */
export const DATA_NODES = 3;

/** One request of WebHDFS, before it is known who will answer it. */
export interface Request {
  method: WireRequest['method'];
  operation: string;
  /** Absolute path in HDFS. */
  path: string;
  query: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** An answer below 400 whose body is not yet read, and who gave it. */
export interface Answered {
  answer: IncomingMessage;
  asked: Asked;
}

export class Cluster {
  readonly #wire: Wire;
  readonly #address: HdfsAddress;
  readonly #settings: WebHdfsSettings;
  #active = 0;

  constructor(address: HdfsAddress, settings: WebHdfsSettings) {
    this.#address = address;
    this.#settings = settings;
    this.#wire = openWire({ ca: certificates(settings.caFile), ...(settings.timeouts ?? TIMEOUTS) });
  }

  /** Asks the active NameNode; the next one when that is standby or cannot be reached. */
  async atNameNode({ method, operation, path, query, signal }: Request): Promise<Answered> {
    const { nameNodes } = this.#address;
    for (let tried = 1; ; tried++) {
      const turn = this.#active;
      const asked = { operation, path, server: nameNodes[turn % nameNodes.length] ?? '' };
      try {
        return await this.#send(asked, { method, url: await this.#url(asked, query), signal });
      } catch (error) {
        if (!isForAnother(error) || tried >= nameNodes.length) throw error;
        if (this.#active === turn) this.#active = turn + 1;
      }
    }
  }

  /** Two steps: the NameNode says which DataNode, that one does it. A DataNode that cannot be reached is left for another. */
  async atDataNode(request: Request, body?: Content, failed: readonly string[] = []): Promise<Answered> {
    const { method, signal } = request;
    const exclude = failed.length === 0 ? {} : { excludedatanodes: failed.join(',') };
    const first = await this.atNameNode({ ...request, query: { ...request.query, ...exclude } });
    const { location } = first.answer.headers;
    if (first.answer.statusCode === 200 && body === undefined) return first; // HttpFS does it itself
    await readText(first.answer, first.asked);
    if (first.answer.statusCode !== 307 || location === undefined) throw nonsense(first.asked, `HTTP ${first.answer.statusCode} instead of a redirect`);
    const url = this.#allowed(location, first.asked);
    try {
      return await this.#send({ ...first.asked, server: url.host }, { method, url, body, signal });
    } catch (error) {
      if (!canBeRepeated(error) || failed.length + 1 >= DATA_NODES) throw error;
      return this.atDataNode(request, body, [...failed, url.hostname]).catch((again: unknown) => {
        throw isPivoError(again, 'StorageUnavailable') ? error : again; // what was wrong at first, where there is no other DataNode
      });
    }
  }

  async #send(asked: Asked, request: WireRequest): Promise<Answered> {
    let answer: IncomingMessage;
    try {
      answer = await this.#wire.send(request);
    } catch (error) {
      request.signal?.throwIfAborted();
      throw error instanceof ConnectionLost ? lost(asked, error) : error; // else the body's own
    }
    if ((answer.statusCode ?? 0) >= 400) {
      const body = await readText(answer, asked);
      answer.destroy();
      throw refusal(asked, answer.statusCode ?? 0, body);
    }
    return { answer, asked };
  }

  async #url({ operation, path, server }: Asked, query: Record<string, string>): Promise<URL> {
    const { tokenFile, user } = this.#settings;
    const who: Record<string, string> = tokenFile !== undefined ? { delegation: await readToken(tokenFile) } : user === undefined ? {} : { 'user.name': user };
    return new URL(`${this.#address.tls ? 'https' : 'http'}://${server}/webhdfs/v1${path.split('/').map(encodeURIComponent).join('/')}?${String(new URLSearchParams({ op: operation, ...query, ...who }))}`);
  }

  /** A redirect may not leave TLS, nor lead to a host that is not configured. Fails with UrlRefused, with StorageUnavailable for one that leads nowhere. */
  #allowed(location: string, asked: Asked): URL {
    const url = URL.parse(location);
    if (url === null) throw nonsense(asked, 'its redirect is no URL');
    const { datanodes } = this.#settings;
    const listed = datanodes === undefined || this.#address.nameNodes.includes(url.host) || datanodes.some((host) => (host.startsWith('.') ? url.hostname.endsWith(host) : host === url.host || host === url.hostname));
    if (listed && (url.protocol === 'https:' || (url.protocol === 'http:' && !this.#address.tls))) return url;
    throw new PivoError('UrlRefused', `${asked.operation} ${asked.path}: ${asked.server} redirects to ${url.protocol}//${url.host}`, { hint: listed ? 'A cluster with TLS must not redirect out of it.' : 'Add the host to webhdfs.datanodes in config.toml if it is one of the cluster.', facts: { ...asked } });
  }
}

/** Nothing of the request had any effect, nor was any of its body taken. */
const canBeRepeated = (error: unknown): boolean => isPivoError(error, 'StorageUnavailable') && error.cause instanceof ConnectionLost && error.cause.unsent;

function certificates(file: string | undefined): Buffer | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file);
  } catch (error) {
    throw new PivoError('InvalidInput', `webhdfs.caFile cannot be read: ${(error as Error).message}`, { hint: 'Let it name a PEM file of the cluster\'s certificates.', cause: error });
  }
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new PivoError('CredentialMissing', `the delegation token cannot be read: ${(error as Error).message}`, { hint: 'Let webhdfs.tokenFile name a file with the token.', cause: error });
  }
}

/** The body of an answer. Fails with StorageUnavailable when it breaks off. */
export async function readText(answer: IncomingMessage, asked: Asked): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES) throw nonsense(asked, 'the answer is too long');
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof PivoError ? error : lost(asked, error);
  }
  return Buffer.concat(chunks).toString('utf8');
}
