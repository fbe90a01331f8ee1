// A real SMTP server on a loopback port that answers as a test wants, and keeps the mails that it took.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

const run = promisify(execFile);

export interface TakenMail {
  from: string;
  to: string[];
  user: string | undefined;
  secure: boolean;
  raw: string;
}

export interface MailServer {
  port: number;
  mails: TakenMail[];
  /** Recipients that were named, in order, those of refused mails too. */
  asked: string[];
  /** From now on recipients and mails are answered so; null: taken. */
  answer(answers: Answers): void;
  stop(): Promise<void>;
}

/** Code and words of a refusal; null: taken. */
type Refusal = [number, string] | null;

interface Answers {
  recipient?: (address: string) => Refusal;
  mail?: () => Refusal;
}

/** Key and certificate of 127.0.0.1, by the machine's openssl. */
export async function certificateIn(folder: string): Promise<{ key: string; cert: string; caFile: string }> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=mail', '-addext', 'subjectAltName=IP:127.0.0.1']);
  return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8'), caFile: cert };
}

/** Passwords by user; without any, nobody has to say who it is. */
export async function startMailServer({ users = {}, ...options }: SMTPServerOptions & { users?: Record<string, string> } = {}): Promise<MailServer> {
  let answers: Answers = {};
  const mails: TakenMail[] = [];
  const asked: string[] = [];
  const refuse = (refusal: Refusal): Error | null => (refusal === null ? null : Object.assign(new Error(refusal[1]), { responseCode: refusal[0] }));
  const server = new SMTPServer({
    authOptional: Object.keys(users).length === 0, disableReverseLookup: true, closeTimeout: 100, logger: false, ...options,
    onAuth: ({ username = '', password }, _session, done) => (users[username] === password ? done(null, { user: username }) : done(Object.assign(new Error(`535 5.7.8 not for ${username} with ${password}`), { responseCode: 535 }))),
    onRcptTo({ address }, _session, done) {
      asked.push(address);
      done(refuse(answers.recipient?.(address) ?? null));
    },
    onData(stream, { envelope, user, secure }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const refusal = refuse(answers.mail?.() ?? null);
        if (refusal === null) mails.push({ from: envelope.mailFrom === false ? '' : envelope.mailFrom.address, to: envelope.rcptTo.map(({ address }) => address), user: user as string | undefined, secure, raw: Buffer.concat(chunks).toString('utf8') });
        done(refusal, refusal === null ? `2.0.0 kept as ${mails.length}` : undefined);
      });
    },
  });
  server.on('error', () => {}); // a client that goes is no news
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return { port: (listening.address() as AddressInfo).port, mails, asked, answer: (next) => void (answers = next), stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

export interface ParsedMail {
  /** Every field, in order. */
  fields: [string, string][];
  text: string;
}

/** A mail as Python's own parser reads it, which is not the one that made it. */
export async function parsed(raw: string): Promise<ParsedMail> {
  const script = 'import email, email.policy, json, sys\nmail = email.message_from_string(sys.argv[1], policy=email.policy.default)\nprint(json.dumps({"fields": [[name, str(value)] for name, value in mail.items()], "text": mail.get_content()}))';
  const { stdout } = await run('python3', ['-c', script, raw]);
  return JSON.parse(stdout) as ParsedMail;
}
