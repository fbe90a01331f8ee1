// Sends one mail to the server of a target, once, and tells what it answered. Nodemailer speaks SMTP (RFC 5321) and makes the message.
import { createTransport, type SentMessageInfo } from 'nodemailer';
import type { Answer } from '../answer.ts';
import type { EmailTarget } from '../settings.ts';
import { shortLine, withoutSecrets } from '../words.ts';
import type { Mail } from './message.ts';
import type { MailSecrets } from './settings.ts';

export interface OutgoingMail extends Mail {
  /** The delivery: the same mail again has the same Message-ID, by which readers and servers know it. */
  id: string;
  event: string;
}

/** Parts of nodemailer's errors that say what happened. */
interface SmtpError extends Error {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
}

/**
 * Mails once, over one connection. Never fails because of the server; fails with the signal's reason when that aborts. Where the server takes
 * the mail for some of several recipients only, that is a failure that names the others: a later attempt reaches all of them again, under the same Message-ID.
 */
export async function sendMail(target: EmailTarget, secrets: MailSecrets, mail: OutgoingMail, signal: AbortSignal): Promise<Answer> {
  const patience = AbortSignal.timeout(target.timeout * 1000);
  const transport = createTransport(connectionOf(target, secrets));
  try {
    return answerOf(await transport.sendMail({ ...messageOf(target, mail), signal: AbortSignal.any([signal, patience]) }), secrets);
  } catch (error) {
    signal.throwIfAborted();
    if (patience.aborted) return failed(null, `no answer within ${target.timeout} s`, `Is the mail server at ${target.place} running, and can this machine reach it?`);
    return refusal(error as SmtpError, target, secrets);
  } finally {
    transport.close();
  }
}

function connectionOf({ mail: { host, port, tls, user }, timeout }: EmailTarget, { password, ca }: MailSecrets): Parameters<typeof createTransport>[0] {
  const patience = timeout * 1000;
  return {
    host, port,
    secure: tls === 'tls', requireTLS: tls === 'starttls', ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca === null ? {} : { ca }) },
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    connectionTimeout: patience, greetingTimeout: patience, socketTimeout: patience, dnsTimeout: patience, socketCloseTimeout: 0,
    disableFileAccess: true, disableUrlAccess: true,
  };
}

/** Header fields say that a program wrote it (RFC 3834), so that no vacation message comes back. */
function messageOf({ mail: { from, to } }: EmailTarget, { id, event, subject, text }: OutgoingMail): object {
  const headers = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'X-Pivo-Event': event };
  return { from, to, subject, text, messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`, headers, disableFileAccess: true, disableUrlAccess: true };
}

const failed = (status: number | null, failure: string, hint: string | null, mayPass = true): Answer => ({ status, failure, hint, mayPass, retryAfter: null });

function answerOf({ response = '', rejected = [], rejectedErrors = [] }: SentMessageInfo, secrets: MailSecrets): Answer {
  if (rejected.length === 0) return { status: codeOf(response), failure: null, mayPass: false, retryAfter: null, hint: null, said: words(response, secrets) };
  const errors: SmtpError[] = rejectedErrors;
  const codes = errors.map(({ responseCode = 0 }) => responseCode);
  const why = errors.map(({ response: each = '' }) => words(each, secrets)).join('; ');
  return failed(codes[0] ?? null, `taken for some recipients and refused for ${rejected.join(', ')}: ${why}`, 'Take the address out of `to`, or give it a target of its own.', codes.every((code) => code < 500));
}

/** A server's 5xx stays, its 4xx may pass (RFC 5321, 4.2.1); whatever is no answer may pass too. */
function refusal(error: SmtpError, target: EmailTarget, secrets: MailSecrets): Answer {
  const { responseCode, response, command, code = '', message } = error;
  if (responseCode === undefined) return failed(null, `no connection: ${words(code === 'ESOCKET' || code === 'ECONNECTION' || code === 'EDNS' || code === 'ETLS' ? message : `${code} ${message}`, secrets)}`, hintFor(error, target));
  return failed(responseCode, `answered ${command === undefined || command === 'CONN' ? '' : `${command} with `}${words(response ?? String(responseCode), secrets)}`, hintFor(error, target), responseCode < 500);
}

function hintFor({ code = '', responseCode = 0, command = '', message }: SmtpError, { place, mail }: EmailTarget): string {
  if (code === 'EAUTH') return 'Are user and password right, and may they be used to send?';
  if (code === 'ETLS' || /certificate|SSL|TLS/i.test(message)) return 'Does `tls` fit the port ("starttls" for 587, "tls" for 465), and is the certificate one that this machine trusts? Name one of your own authority by `caFile`.';
  if (responseCode >= 500) return command === 'RCPT TO' ? 'Are the addresses in `to` right, and may this sender write to them?' : command === 'MAIL FROM' ? `May this server send as ${mail.from.address}?` : 'The server does not take this mail; its log has more.';
  return responseCode >= 400 ? 'The server wants it later: it is tried again.' : `Is the mail server at ${place} running, and can this machine reach it?`;
}

/** The server's words without the password, which some repeat in what they refuse. */
const words = (text: string, { password }: MailSecrets): string => shortLine(password === null ? text : withoutSecrets(withoutAuth(text, password), [password]));

/** Without what AUTH PLAIN sends (RFC 4616): the password within base64. */
const withoutAuth = (text: string, password: string): string => text.replace(/[A-Za-z0-9+/]{8,}={0,2}/g, (each) => (Buffer.from(each, 'base64').includes(password) ? '[hidden]' : each));

const codeOf = (response: string): number | null => (/^\d{3}/.test(response) ? Number(response.slice(0, 3)) : null);
