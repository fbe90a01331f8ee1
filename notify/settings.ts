// Who is told of what: tables [[notify]] of config.toml. A secret is never in them, only where it is.
import { isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { NotificationEvent } from '../contract/notification.ts';
import { Email, mailboxText, mailSettings, type MailSecrets, type MailSettings } from './email/settings.ts';
import { reference, secretOf } from './references.ts';

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

const allButTest = NotificationEvent.options.filter((event) => event !== 'test');

const Target = z
  .strictObject({
    /** What the delivery log and the commands call it. */
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name has 1 to 64 letters, digits, ".", "_" or "-"'),
    /** Where requests are sent to; or the file or the environment variable that holds the URL, where that is itself the secret. One of the three. */
    url: ReceiverUrl.optional(),
    ...reference('url'),
    /** Instead of a URL: whom it is mailed to, and through which server. */
    email: Email.optional(),
    /** What it is told of. */
    events: z.array(NotificationEvent).min(1).default(allButTest),
    /** A JSON template, its path below PIVO_HOME; of a mail: with `subject` and `text`. Default: everything, as docs/notifications.md shows it. */
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
  .refine(({ url, urlFile, urlEnv, email }) => [url, urlFile, urlEnv, email].filter((each) => each !== undefined).length === 1, { message: 'name one of url, urlFile, urlEnv and email' })
  .refine(({ email, tokenFile, tokenEnv, secretFile, secretEnv, headers }) => email === undefined || ([tokenFile, tokenEnv, secretFile, secretEnv].every((each) => each === undefined) && Object.keys(headers).length === 0), { message: 'a mail has no token, secret or headers; the mail server\'s password is passwordFile or passwordEnv of email' })
  .refine(({ tokenFile, tokenEnv }) => tokenFile === undefined || tokenEnv === undefined, { message: 'name either tokenFile or tokenEnv' })
  .refine(({ secretFile, secretEnv }) => secretFile === undefined || secretEnv === undefined, { message: 'name either secretFile or secretEnv' });

/** Tables `[[notify]]` of config.toml. */
export const NotifyTables = z
  .array(Target)
  .max(MOST_TARGETS)
  .refine((targets) => new Set(targets.map(({ name }) => name)).size === targets.length, 'two targets have the same name')
  .default([]);

type TargetTable = z.output<typeof Target>;

interface AnyTarget extends Pick<TargetTable, 'name' | 'events' | 'rate' | 'attempts' | 'timeout'> {
  /** Absolute path of its template. */
  template?: string;
  /** Scheme, host and port, for people; null where the whole URL is a secret. */
  place: string | null;
}

/** A target that requests are posted to. */
export interface WebhookTarget extends AnyTarget, Pick<TargetTable, 'headers'> {
  kind: 'webhook';
  /** Whether requests carry a token, and a signature. */
  carries: { token: boolean; signature: boolean };
  /** Read anew each time; no properties, so that they cannot be printed by accident. Fails with CredentialMissing or InvalidInput. */
  secrets(): TargetSecrets;
}

/** A target that is mailed to. */
export interface EmailTarget extends AnyTarget {
  kind: 'email';
  mail: MailSettings;
  /** As a webhook's. */
  secrets(): MailSecrets;
}

/** One target. */
export type NotifyTarget = WebhookTarget | EmailTarget;

/** What the settings of a target refer to; in memory while a request is sent, and nowhere else. */
export interface TargetSecrets {
  url: string;
  token: string | null;
  secret: string | null;
}

/** The targets of a home over the environment that they name variables of. Fails with InvalidInput for a template that is not below the home. */
export function notifyTargets(tables: readonly TargetTable[], home: string, env: NodeJS.ProcessEnv): NotifyTarget[] {
  return tables.map((table) => {
    const { name, events, rate, attempts, timeout, template, email } = table;
    const common = { name, events, rate, attempts, timeout, ...(template === undefined ? {} : { template: below(home, template, name) }) };
    return email === undefined ? webhookTarget(table, common, env) : { ...common, kind: 'email', ...mailSettings(email, name, env) };
  });
}

function webhookTarget(table: TargetTable, common: Omit<AnyTarget, 'place'>, env: NodeJS.ProcessEnv): WebhookTarget {
  const { name, url, headers } = table;
  const has = (what: 'token' | 'secret'): boolean => table[`${what}File`] !== undefined || table[`${what}Env`] !== undefined;
  const read = (what: 'url' | 'token' | 'secret'): string => secretOf({ target: name, what, file: table[`${what}File`], variable: table[`${what}Env`] }, env);
  return {
    ...common, kind: 'webhook', headers,
    place: url === undefined ? null : new URL(url).origin,
    carries: { token: has('token'), signature: has('secret') },
    secrets: () => ({ url: url ?? checkedUrl(read('url'), name), token: has('token') ? read('token') : null, secret: has('secret') ? read('secret') : null }),
  };
}

/** Whom a target reaches, for people: nobody by name where it is posted to. */
export const recipientsOf = (target: NotifyTarget): string[] => (target.kind === 'email' ? target.mail.to.map(mailboxText) : []);

function checkedUrl(text: string, target: string): string {
  if (isReceiverUrl(text)) return text;
  throw new PivoError('InvalidInput', `what is stored as URL of the notify target ${target} is no http or https URL without user, password or fragment`);
}

function below(home: string, path: string, target: string): string {
  const inside = relative(home, resolve(home, path));
  if (isAbsolute(path) || inside === '' || inside.startsWith('..')) throw new PivoError('InvalidInput', `the template of the notify target ${target} is not a path below PIVO_HOME`, { hint: `Put the file below ${home} and give its path from there, such as "templates/chat.json".` });
  return join(home, inside);
}
