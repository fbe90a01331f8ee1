// A real HTTP server of PIVO on a free port, over the operations and rights that a test gives it.
import { createHash } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { createApplication, type ApplicationOptions } from '../../apps/server/application.ts';
import type { TokenCheck } from '../../apps/server/access/tokens.ts';
import { listen } from '../../apps/server/listener.ts';
import { PivoError } from '../../contract/failures.ts';
import { loadOperation } from '../../operations/index.ts';
import type { Operation, OperationContext } from '../../operations/operation.ts';
import { silentLog } from '../harness/temporal.ts';

export const TOKENS = { reader: 'token-of-rita', operator: 'token-of-oscar', owner: 'token-of-olga' } as const;
export const KNOWN: TokenCheck['tokens'] = [
  { user: 'rita', role: 'reader', sha256: sha256(TOKENS.reader) },
  { user: 'oscar', role: 'operator', sha256: sha256(TOKENS.operator) },
  { user: 'olga', role: 'owner', sha256: sha256(TOKENS.owner) },
];

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export interface Served {
  url: string;
  port: number;
  close(): Promise<void>;
}

export interface ServedOptions extends Partial<Omit<ApplicationOptions, 'names' | 'tokens'>> {
  host?: string;
  hosts?: string[];
  origins?: string[];
  requireToken?: boolean;
  /** Instead of the real ones. */
  operations?: readonly Operation[];
}

export async function serve({ host = '127.0.0.1', hosts = [], origins = [], requireToken = false, operations, ...options }: ServedOptions): Promise<Served> {
  const app = createApplication({
    load: operations === undefined ? loadOperation : async (name) => found(operations, name),
    context: { caller: { user: 'nobody', via: 'cli', owner: false } } as OperationContext,
    log: silentLog,
    names: { host, hosts, origins },
    tokens: { tokens: KNOWN, requireToken },
    console: Promise.resolve(null),
    mcp: null,
    metrics: null,
    ...options,
  });
  const listening = await listen(app, { host, port: 0, chosen: true });
  return { url: listening.url, port: Number(new URL(listening.url).port), close: listening.close };
}

function found(operations: readonly Operation[], name: string): Operation {
  const operation = operations.find((each) => each.name === name);
  if (operation === undefined) throw new PivoError('NotFound', `there is no operation "${name}"`);
  return operation;
}

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}

/** One request with exactly these headers, `Host` and `Origin` too, which fetch does not let anybody set. */
export function send(url: string, { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

export const bearer = (role: keyof typeof TOKENS): Record<string, string> => ({ authorization: `Bearer ${TOKENS[role]}` });

/** The problem document of an answer. */
export const problem = ({ text }: Answer): { kind: string; status: number; detail: string; hint?: string } => JSON.parse(text) as { kind: string; status: number; detail: string; hint?: string };
