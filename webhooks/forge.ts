// What every forge's webhook is read as: proof, name of the delivery, and the push that it tells of.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import type { PushPayload } from '../contract/spool.ts';
import type { Verdict } from './signature.ts';

/** One request as it came. */
export interface WebhookRequest {
  /** By name in lower case, as Node gives them. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
  /** Milliseconds since 1970 when it was received. */
  now: number;
}

/** A header that was sent once. */
export function headerOf({ headers }: Pick<WebhookRequest, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** What a push says, but for who told it. */
export type Push = Omit<PushPayload, 'source' | 'forge'>;

/** What a delivery is about. */
export type Told = { what: 'ping' } | { what: 'push'; push: Push } | { what: 'other'; event: string };

export interface ForgeReader {
  verify(request: WebhookRequest, secret: string): Verdict;
  /** The forge's name of the delivery, the same when it is sent again; undefined where it gives none. */
  deliveryOf(request: WebhookRequest): string | undefined;
  /** Fails with InvalidInput when a push does not say what pushes say. */
  read(request: WebhookRequest, payload: unknown): Told;
}

/** No control characters, and none that turn the direction of text around: these names end in logs and on terminals. */
// eslint-disable-next-line no-control-regex
const Plain = z.string().regex(/^[^\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069]*$/, 'it holds a control character');

/** `owner/name`. */
export const RepositoryPath = Plain.min(1).max(512);
export const RefName = Plain.min(1).max(1_000);
export const CloneUrl = Plain.min(1).max(2_048);
/** An object id; anything else is as good as none. */
export const Oid = z.string().regex(/^[0-9a-f]{40,64}$/).nullable().catch(null);

/** An event's name as it may be logged. */
export const eventName = (given: string | undefined): string => (/^[A-Za-z0-9_ -]{1,100}$/.test(given ?? '') ? (given ?? '') : 'unnamed');

/** A branch or tag that was made or deleted comes by its short name. */
export const fullRef = (type: string, name: string): string => (name.startsWith('refs/') ? name : `refs/${type === 'tag' ? 'tags' : 'heads'}/${name}`);

/** The payload as the schema wants it. Fails with InvalidInput that names fields and never repeats them. */
export function payloadOf<S extends z.ZodType>(schema: S, payload: unknown): z.output<S> {
  const read = schema.safeParse(payload);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new PivoError('InvalidInput', `the payload is no push: ${problems.slice(0, 5).join('; ')}`, { hint: 'Choose the content type application/json and the event of pushes for this webhook.' });
}
