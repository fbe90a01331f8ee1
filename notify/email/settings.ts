// Whom a target mails to, and through which server: the table `email` of [[notify]].
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { PivoError } from '../../contract/failures.ts';
import { PASSWORD, reference, secretOf } from '../references.ts';

/** The usual port of each kind of connection (RFC 8314, 6409, 5321). */
const PORTS = { starttls: 587, tls: 465, none: 25 } as const;

/** Hosts of this machine: what goes there is on no wire. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

/** A mailbox of RFC 5322 without quoted or internationalized local parts, as `ops@example.com` or `The Ops <ops@example.com>`. */
const MAILBOX = /^(?:([^<>"\p{C}]{1,100}?) *<)?([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(>?)$/u;

export interface Mailbox {
  name: string;
  address: string;
}

const MailboxText = z.string().transform((text, context): Mailbox => {
  const [, name, address, end] = MAILBOX.exec(text.trim()) ?? [];
  if (address !== undefined && (name !== undefined) === (end === '>')) return { name: name?.trim() ?? '', address };
  context.addIssue({ code: 'custom', message: `"${text}" is no address such as ops@example.com or The Ops <ops@example.com>` });
  return z.NEVER;
});

/** As people write it. */
export const mailboxText = ({ name, address }: Mailbox): string => (name === '' ? address : `${name} <${address}>`);

export const Email = z
  .strictObject({
    /** One or several. */
    to: z.preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(MailboxText).min(1).max(20)),
    from: MailboxText,
    host: z.string().regex(/^([A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45})$/, 'the name or address of a mail server'),
    /** Default: 587, with `tls = "tls"` 465, with `tls = "none"` 25. */
    port: z.number().int().min(1).max(65_535).optional(),
    /** `starttls`: encrypted before anything is told, or not at all; `tls`: encrypted from the first byte; `none`: readable on the wire. */
    tls: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    user: z.string().min(1).max(320).regex(PASSWORD, 'printable ASCII').optional(),
    /** File or environment variable of the user's password. */
    ...reference('password'),
    /** Certificates (PEM) of an authority of one's own. Default: those that Node trusts. */
    caFile: z.string().min(1).optional(),
  })
  .refine(({ user, passwordFile, passwordEnv }) => [passwordFile, passwordEnv].filter((each) => each !== undefined).length === (user === undefined ? 0 : 1), { message: 'a user goes with passwordFile or passwordEnv, and only with one of them' })
  .refine(({ user, tls, host }) => user === undefined || tls !== 'none' || LOOPBACK.test(host), { message: 'a password is not sent over a connection that is not encrypted: use tls = "starttls" or "tls"' });

type EmailTable = z.output<typeof Email>;

/** What is no secret of it. */
export interface MailSettings extends Pick<EmailTable, 'to' | 'from' | 'host' | 'tls'> {
  port: number;
  user: string | null;
}

/** What the settings refer to; in memory while a mail is sent, and nowhere else. */
export interface MailSecrets {
  password: string | null;
  /** PEM. */
  ca: string | null;
}

/** The mail part of a target. Its secrets fail with CredentialMissing, and NotFound for certificates that are not there. */
export function mailSettings({ to, from, host, tls, user, passwordFile, passwordEnv, caFile, ...given }: EmailTable, target: string, env: NodeJS.ProcessEnv): { mail: MailSettings; place: string; secrets(): MailSecrets } {
  const port = given.port ?? PORTS[tls];
  const place = `${tls === 'tls' ? 'smtps' : 'smtp'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const secrets = (): MailSecrets => ({
    password: user === undefined ? null : secretOf({ target, what: 'password', file: passwordFile, variable: passwordEnv }, env, PASSWORD),
    ca: caFile === undefined ? null : certificates(caFile, target),
  });
  return { mail: { to, from, host, tls, port, user: user ?? null }, place, secrets };
}

function certificates(file: string, target: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PivoError('NotFound', `the certificates ${file} of the notify target ${target} cannot be read`, { hint: '`caFile` is a file in PEM form.', cause: error });
  }
}
