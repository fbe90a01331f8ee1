// Who is told of what: tables [[notify]] of config.toml. A secret is never in them, only where it is.
import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { NotificationEvent } from '../contract/notification.ts';

/** Most targets of one home: each has its share of the acts that one worker does at once. */
const MOST_TARGETS = 40;

/** Headers that PIVO sets itself, and those that belong to the connection. */
const OWN_HEADERS = /^(authorization|content-type|content-length|content-encoding|host|connection|transfer-encoding|upgrade|te|trailer|expect|keep-alive|proxy-.*|cookie|user-agent|idempotency-key|webhook-.*)$/i;

const ReceiverUrl = z.string().max(2_048).refine(isReceiverUrl, 'an http or https URL without user, password or fragment');

/** True for an address that a request may be sent to. */
export function isReceiverUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.hash === '' && !/\s/.test(text);
}

const Headers = z.record(
  z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'the name of a header').refine((name) => !OWN_HEADERS.test(name), 'a header that PIVO sets itself, or that belongs to the connection; a token is given by tokenFile or tokenEnv'),
  z.string().max(1_000).regex(/^[\x20-\x7e]*$/, 'printable ASCII'),
);

/** The two settings that say where a secret is. */
function reference<What extends string>(what: What): Record<`${What}File` | `${What}Env`, z.ZodOptional<z.ZodString>> {
  return { [`${what}File`]: z.string().min(1).optional(), [`${what}Env`]: z.string().min(1).optional() } as Record<`${What}File` | `${What}Env`, z.ZodOptional<z.ZodString>>;
}

const allButTest = NotificationEvent.options.filter((event) => event !== 'test');

const Target = z
  .strictObject({
    /** What the delivery log and the commands call it. */
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name has 1 to 64 letters, digits, ".", "_" or "-"'),
    /** Where requests are sent to; or the file or the environment variable that holds the URL, where that is itself the secret. One of the three. */
    url: ReceiverUrl.optional(),
    ...reference('url'),
    /** What it is told of. */
    events: z.array(NotificationEvent).min(1).default(allButTest),
    /** A JSON template, its path below PIVO_HOME. Default: everything, as docs/notifications.md shows it. */
    template: z.string().min(1).max(1_000).optional(),
    /** File or environment variable of the bearer token. */
    ...reference('token'),
    /** File or environment variable of the secret that requests are signed with. */
    ...reference('secret'),
    /** Further headers; never a secret. */
    headers: Headers.default({}),
    /** Most requests a minute. */
    rate: z.number().int().positive().max(1_000).default(60),
    /** Attempts after which a delivery is a dead letter. */
    attempts: z.number().int().positive().max(100).default(10),
    /** Seconds that one attempt may take. */
    timeout: z.number().positive().max(60).default(10),
  })
  .refine(({ url, urlFile, urlEnv }) => [url, urlFile, urlEnv].filter((each) => each !== undefined).length === 1, { message: 'name one of url, urlFile and urlEnv' })
  .refine(({ tokenFile, tokenEnv }) => tokenFile === undefined || tokenEnv === undefined, { message: 'name either tokenFile or tokenEnv' })
  .refine(({ secretFile, secretEnv }) => secretFile === undefined || secretEnv === undefined, { message: 'name either secretFile or secretEnv' });

/** Tables `[[notify]]` of config.toml. */
export const NotifyTables = z
  .array(Target)
  .max(MOST_TARGETS)
  .refine((targets) => new Set(targets.map(({ name }) => name)).size === targets.length, 'two targets have the same name')
  .default([]);

type TargetTable = z.output<typeof Target>;

/** One target. */
export interface NotifyTarget extends Pick<TargetTable, 'name' | 'events' | 'headers' | 'rate' | 'attempts' | 'timeout'> {
  /** Absolute path of its template. */
  template?: string;
  /** Scheme, host and port, for people; null where the whole URL is a secret. */
  place: string | null;
  /** Whether requests carry a token, and a signature. */
  carries: { token: boolean; signature: boolean };
  /** Read anew each time; no properties, so that they cannot be printed by accident. Fails with CredentialMissing or InvalidInput. */
  secrets(): TargetSecrets;
}

/** What the settings of a target refer to; in memory while a request is sent, and nowhere else. */
export interface TargetSecrets {
  url: string;
  token: string | null;
  secret: string | null;
}

/** The targets of a home over the environment that they name variables of. Fails with InvalidInput for a template that is not below the home. */
export function notifyTargets(tables: readonly TargetTable[], home: string, env: NodeJS.ProcessEnv): NotifyTarget[] {
  return tables.map((table) => {
    const { name, events, headers, rate, attempts, timeout, template, url } = table;
    const has = (what: 'token' | 'secret'): boolean => table[`${what}File`] !== undefined || table[`${what}Env`] !== undefined;
    const read = (what: 'url' | 'token' | 'secret'): string => secretOf(name, what, table[`${what}File`], table[`${what}Env`] ?? '', env);
    return {
      name, events, headers, rate, attempts, timeout,
      ...(template === undefined ? {} : { template: below(home, template, name) }),
      place: url === undefined ? null : new URL(url).origin,
      carries: { token: has('token'), signature: has('secret') },
      secrets: () => ({ url: url ?? checkedUrl(read('url'), name), token: has('token') ? read('token') : null, secret: has('secret') ? read('secret') : null }),
    };
  });
}

function secretOf(target: string, what: string, file: string | undefined, variable: string, env: NodeJS.ProcessEnv): string {
  const where = file === undefined ? `the environment variable ${variable}` : `the file ${file}`;
  const hint = 'Put it there in one line; PIVO reads a file anew for each request, and its environment when it starts.';
  try {
    const text = (file === undefined ? (env[variable] ?? '') : readFileSync(file, 'utf8')).trim();
    if (/^[\x21-\x7e]+$/.test(text)) return text;
  } catch (error) {
    throw new PivoError('CredentialMissing', `the ${what} of the notify target ${target} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'} ${file}`, { hint, cause: error });
  }
  throw new PivoError('CredentialMissing', `${where} holds no ${what} for the notify target ${target}`, { hint });
}

function checkedUrl(text: string, target: string): string {
  if (isReceiverUrl(text)) return text;
  throw new PivoError('InvalidInput', `what is stored as URL of the notify target ${target} is no http or https URL without user, password or fragment`);
}

function below(home: string, path: string, target: string): string {
  const inside = relative(home, resolve(home, path));
  if (isAbsolute(path) || inside === '' || inside.startsWith('..')) throw new PivoError('InvalidInput', `the template of the notify target ${target} is not a path below PIVO_HOME`, { hint: `Put the file below ${home} and give its path from there, such as "templates/chat.json".` });
  return join(home, inside);
}
