// Client of one Git LFS server: its Batch API (git-lfs, docs/api/batch.md), transfer `basic` and the action `verify`.
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { PivoError, isPivoError, type FailureKind } from '../contract/failures.ts';
import type { LfsPointer } from '../contract/lfs.ts';
import { exchange, readBody, retryAfterOf, type LfsAnswer, type LfsRequest, type SizedBody } from './http.ts';
import { patiently } from './patience.ts';

const MEDIA = 'application/vnd.git-lfs+json';
/** Objects that one request asks for; most servers take 100 at most. */
export const BATCH_OBJECTS = 100;
const LARGEST_ANSWER = 16 * 2 ** 20;
const MOST_REDIRECTS = 3;

/** Where to send or fetch one object; its headers can be secrets. */
const Action = z.object({
  href: z.string(),
  header: z.record(z.string(), z.string()).optional(),
  expires_in: z.number().optional(),
  expires_at: z.string().optional(),
});
export type LfsAction = z.infer<typeof Action>;

const BatchObject = z.object({
  oid: z.string(),
  size: z.number().optional(),
  authenticated: z.boolean().optional(),
  actions: z.object({ download: Action.optional(), upload: Action.optional(), verify: Action.optional() }).nullish(),
  error: z.object({ code: z.number().optional(), message: z.string().optional() }).nullish(),
});
export type BatchObject = z.infer<typeof BatchObject>;

const BatchAnswer = z.object({ transfer: z.string().optional(), objects: z.array(BatchObject) });

/** Objects in as many requests as they need. */
export const batchesOf = <T>(items: readonly T[], most: number): T[][] => Array.from({ length: Math.ceil(items.length / most) }, (_, i) => items.slice(i * most, (i + 1) * most));

/** One server, and how it is asked. */
export interface LfsAccess {
  /** Base of the API, without a slash at its end: `…/info/lfs`. */
  url: URL;
  /** What authorizes a request; asked again with `renew` when the server refused what it gave before. */
  headers(renew: boolean): Promise<Record<string, string>>;
  /** Transports that may be used, as for origins. */
  protocols: readonly string[];
  /** Seconds of silence. */
  patience: number;
  /** The ref that is read or written, for servers that decide by it. */
  ref?: string;
}

export interface LfsServer {
  readonly host: string;
  /** What the server says of at most BATCH_OBJECTS objects, by oid. Faults that pass are tried again first. */
  batch(operation: 'download' | 'upload', objects: readonly LfsPointer[], signal: AbortSignal): Promise<Map<string, BatchObject>>;
  /** The bytes of an object. Fails with NotAllowed where the action is not valid any more. */
  download(object: BatchObject, signal: AbortSignal): Promise<{ url: URL; content: IncomingMessage }>;
  /** Sends an object and has it verified where the server wants that. */
  upload(object: BatchObject, pointer: LfsPointer, body: SizedBody, signal: AbortSignal): Promise<void>;
}

export function openServer(access: LfsAccess): LfsServer {
  let renew = false;
  const authorized = async (): Promise<Record<string, string>> => access.headers(renew);

  /** A URL that the server names, and the headers for it: our own only where it is the server itself and brings none. */
  async function placeOf(action: LfsAction, authenticated: boolean | undefined): Promise<{ url: URL; headers: Record<string, string> }> {
    const url = checkedUrl(action.href, access);
    const given = action.header ?? {};
    const own = url.origin === access.url.origin && authenticated !== true && !Object.keys(given).some((name) => name.toLowerCase() === 'authorization');
    return { url, headers: { ...(own ? await authorized() : {}), ...withoutFraming(given) } };
  }

  async function ask(operation: 'download' | 'upload', objects: readonly LfsPointer[], signal: AbortSignal): Promise<Map<string, BatchObject>> {
    const url = new URL(`${access.url.href}/objects/batch`);
    const body = JSON.stringify({ operation, transfers: ['basic'], ...(access.ref === undefined ? {} : { ref: { name: access.ref } }), objects: objects.map(({ oid, size }) => ({ oid, size })), hash_algo: 'sha256' });
    const answer = await exchange({ method: 'POST', url, headers: { accept: MEDIA, 'content-type': MEDIA, ...(await authorized()) }, body, signal, patience: access.patience });
    if (answer.status === 401 && !renew) renew = true;
    if (answer.status !== 200) throw await refusal(answer, url, 'the Batch API');
    return batchOf(await readBody(answer, url, LARGEST_ANSWER), url);
  }

  async function batch(operation: 'download' | 'upload', objects: readonly LfsPointer[], signal: AbortSignal): Promise<Map<string, BatchObject>> {
    const before = renew;
    try {
      return await patiently(() => ask(operation, objects, signal), signal);
    } catch (error) {
      if (isPivoError(error, 'CredentialMissing') && renew !== before) return ask(operation, objects, signal);
      if (!isPivoError(error) || error.facts['status'] !== 413 || objects.length === 1) throw error; // fewer at once, as the server wants it
      const half = objects.length >> 1;
      return new Map([...(await batch(operation, objects.slice(0, half), signal)), ...(await batch(operation, objects.slice(half), signal))]);
    }
  }

  async function download({ actions, authenticated }: BatchObject, signal: AbortSignal): Promise<{ url: URL; content: IncomingMessage }> {
    if (actions?.download === undefined) throw new PivoError('NotFound', `${access.url.host} names no place to download it from`);
    const { url, headers } = await placeOf(actions.download, authenticated);
    const { answer, at } = await follow({ method: 'GET', url, headers, signal, patience: access.patience }, access);
    if (answer.status !== 200) throw await refusal(answer, at, 'the download');
    return { url: at, content: answer.body };
  }

  async function upload({ actions, authenticated }: BatchObject, pointer: LfsPointer, body: SizedBody, signal: AbortSignal): Promise<void> {
    if (actions?.upload === undefined) return; // the server has it
    const place = await placeOf(actions.upload, authenticated);
    const answer = await exchange({ method: 'PUT', ...place, headers: { 'content-type': 'application/octet-stream', ...lowerCased(place.headers) }, body, signal, patience: access.patience });
    if (answer.status < 200 || answer.status > 299) throw await refusal(answer, place.url, 'the upload');
    answer.body.resume();
    if (actions.verify === undefined) return;
    const verify = await placeOf(actions.verify, authenticated);
    const said = await exchange({ method: 'POST', ...verify, headers: { accept: MEDIA, 'content-type': MEDIA, ...lowerCased(verify.headers) }, body: JSON.stringify(pointer), signal, patience: access.patience });
    if (said.status !== 200) throw await refusal(said, verify.url, 'its verification');
    said.body.resume();
  }

  return { host: access.url.host, batch, download, upload };
}

const lowerCased = (headers: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** What says how a message is framed is ours alone; the server names it for its own signature. */
const withoutFraming = (headers: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(transfer-encoding|content-length|connection|host)$/i.test(name)));

/** A URL that a server gave, under the rules for origins: an allowed transport, and never from https to http. Fails with UrlRefused. */
function checkedUrl(href: string, { url, protocols }: LfsAccess, from = url): URL {
  const to = URL.parse(href, from.href);
  const protocol = to?.protocol.slice(0, -1) ?? '';
  const downgraded = from.protocol === 'https:' && protocol !== 'https';
  if (to !== null && (protocol === 'https' || protocol === 'http') && protocols.includes(protocol) && !downgraded && to.username === '' && to.password === '') return to;
  throw new PivoError('UrlRefused', `${url.host} sends us to ${to === null ? 'something that is no URL' : `${protocol}://${to.host}`}, which is not followed`, { hint: 'Allowed transports are git.protocols in config.toml.' });
}

/** Follows redirects; what authorizes a request stays with the host that it was meant for. */
async function follow(request: LfsRequest, access: LfsAccess): Promise<{ answer: LfsAnswer; at: URL }> {
  let [at, headers] = [request.url, request.headers];
  for (let redirects = 0; ; redirects++) {
    const answer = await exchange({ ...request, url: at, headers });
    const { location } = answer.headers;
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return { answer, at };
    answer.body.destroy();
    if (redirects === MOST_REDIRECTS) throw new PivoError('UrlRefused', `${request.url.host} sends us from place to place`);
    const next = checkedUrl(location, access, at);
    if (next.origin !== at.origin) headers = {};
    at = next;
  }
}

function batchOf(text: string, url: URL): Map<string, BatchObject> {
  let read: z.infer<typeof BatchAnswer>;
  try {
    read = BatchAnswer.parse(JSON.parse(text));
  } catch (error) {
    throw new PivoError('OriginRefused', `${url.host} did not answer as a Git LFS server does`, { hint: 'Is Git LFS on for this repository there?', cause: error });
  }
  if (read.transfer !== undefined && read.transfer !== 'basic') throw new PivoError('OriginRefused', `${url.host} wants the transfer ${JSON.stringify(read.transfer.slice(0, 40))}, and only "basic" is spoken`);
  return new Map(read.objects.map((object) => [object.oid, object]));
}

function kindOf(status: number): FailureKind {
  if (status === 401) return 'CredentialMissing';
  if (status === 403) return 'NotAllowed';
  if (status === 404 || status === 410) return 'NotFound';
  return status >= 500 && status !== 501 && status !== 507 && status !== 509 ? 'Unavailable' : [408, 425, 429].includes(status) ? 'Unavailable' : 'OriginRefused';
}

/** What an answer that is no success means; of its words the documented `message` only. */
async function refusal(answer: LfsAnswer, url: URL, what: string): Promise<PivoError> {
  const said = await readBody(answer, url, 64 * 2 ** 10, true).catch(() => ''); // its status says enough
  answer.body.destroy();
  const retryAfter = retryAfterOf(answer.headers);
  const words = wordsOf(said);
  const kind = kindOf(answer.status);
  const hint = kind === 'CredentialMissing' || kind === 'NotAllowed' ? 'Pass --credential NAME with one that may use Git LFS there.' : 'Is Git LFS on for this repository there?';
  return new PivoError(kind, `${url.host} refused ${what} (${answer.status})${words === '' ? '' : `: ${words}`}`, { hint, facts: { status: answer.status, ...(retryAfter === undefined ? {} : { retryAfter }) } });
}

function wordsOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    // eslint-disable-next-line no-control-regex
    return typeof message === 'string' ? message.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 200) : '';
  } catch {
    return '';
  }
}
