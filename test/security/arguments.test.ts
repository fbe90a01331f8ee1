// Every text of every operation, given what a command line, a file or a protocol could take for something else.
import { execFile } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { isPivoError, PivoError } from '../../contract/failures.ts';
import { parseInput } from '../../contract/validation.ts';
import { gitText } from '../../git/process.ts';
import { allOperations } from '../../operations/index.ts';
import type { Operation, OperationContext } from '../../operations/operation.ts';
import { openBackedUp, type BackedUp } from '../reading/backed-up.ts';

let archive: BackedUp;
let context: OperationContext;
let pwned: string;
const seen = { operations: new Set<string>(), texts: 0 };

beforeAll(async () => {
  archive = await openBackedUp();
  const origin = await archive.backUp('force-push');
  pwned = join(archive.dir, 'pwned');
  await writeFile(join(archive.dir, 'commit'), await gitText(['rev-parse', 'HEAD'], { gitDir: origin }));
  context = {
    store: archive.deps.store,
    library: archive.library,
    paths: { index: join(archive.dir, 'none.db'), state: join(archive.dir, 'state.db'), cache: join(archive.dir, 'read-cache'), metadataSocket: join(archive.dir, 'none.sock'), credentials: join(archive.dir, 'credentials'), logIndex: join(archive.dir, 'logs.db') },
    workerId: 'worker',
    git: { protocols: ['https', 'ssh', 'file'] },
    log: archive.deps.log,
    caller: { user: 'ada', via: 'cli', owner: true },
    temporal: () => Promise.reject(new PivoError('Unavailable', 'no Temporal here')),
  } as unknown as OperationContext;
});
afterAll(() => archive.cleanUp());

const hostile = (): string[] => [
  `--upload-pack=touch ${pwned}`, `--output=${pwned}`, `--exec=touch ${pwned}`, `-oProxyCommand=touch ${pwned}`, `-c core.sshCommand=touch ${pwned}`, '--git-dir=/', '--help', '-', '--', '-x', '--all', '--end-of-options',
  `$(touch ${pwned})`, `\`touch ${pwned}\``, `; touch ${pwned}`, `| touch ${pwned}`, `ext::sh -c touch% ${pwned}`, `x\n--output=${pwned}`, `latest\n`, 'x\0y', '\0', '\r\n', '../../etc/passwd', '..', '/etc/passwd', '@{-1}', '@{upstream}', ':/x', 'HEAD^{/x}', 'HEAD:../x', '%2e%2e', '\u202e', '\ud800', 'x'.repeat(5_000),
];

/** What a property needs where another one is tried; by its name, which operations share. */
const GOOD: Record<string, unknown> = { repository: 'force-push', path: 'file', from: 'latest', to: 'latest', sql: 'SELECT 1', planHash: 'a'.repeat(64), restoreId: 'r', name: 'n', workflowId: 'restore:r', username: 'ada', token: 't', visit: 1, every: '1h', reason: 'r' };

interface Shape {
  properties?: Record<string, { type?: string; anyOf?: object[] } | undefined>;
  required?: string[];
}

/** The input of an operation that has this text in one of its fields; others as good as their names tell. */
function inputsOf(operation: Operation, text: string): { field: string; input: object }[] {
  const { properties = {}, required = [] } = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }) as Shape;
  const rest = Object.fromEntries(Object.keys(properties).filter((name) => required.includes(name) || name === 'repository').map((name) => [name, name === 'url' || name === 'target' ? join(archive.dir, 'force-push.git') : GOOD[name]]));
  return Object.keys(properties).flatMap((field) => [{ field, input: { ...rest, [field]: text } }, { field, input: { ...rest, [field]: [text] } }]);
}

/** These go on until somebody ends them. */
const ENDLESS = new Set(['log-tail']);

/** The content that came, or what failed; nothing but failures on purpose may come out. */
async function outcomeOf(operation: Operation, input: object): Promise<PivoError | null> {
  try {
    const parsed = parseInput(operation.input, input, operation.name);
    seen.operations.add(operation.name);
    seen.texts += 1;
    const result = await operation.run(context, parsed, { signal: AbortSignal.timeout(ENDLESS.has(operation.name) ? 20 : 20_000), onProgress: () => {} });
    if (typeof result === 'object' && result !== null && 'content' in result) for await (const chunk of result.content as AsyncIterable<Uint8Array>) expect(chunk.length).toBeGreaterThan(0);
    return null;
  } catch (error) {
    if (isPivoError(error)) return error;
    if (ENDLESS.has(operation.name) && (error as Error).name === 'TimeoutError') return null;
    throw new Error(`${operation.name} ${JSON.stringify(input).slice(0, 200)}: ${String(error)}`, { cause: error });
  }
}

/** Names, sizes and modes of all files of the archive. */
const archived = async (): Promise<string> => (await promisify(execFile)('find', [join(archive.dir, 'archive'), '-printf', '%P %s %m\n'], { maxBuffer: 2 ** 26 })).stdout.split('\n').sort().join('\n');

const SLOW = new Set(['verify', 'drill', 'repair']);

test('none of them runs, writes or leaves the archive, and each failure is one on purpose', async () => {
  const before = await archived();
  for (const operation of await allOperations()) {
    const texts = SLOW.has(operation.name) ? hostile().slice(0, 4) : hostile();
    for (const text of texts) for (const { input } of inputsOf(operation, text)) {
      const failure = await outcomeOf(operation, input);
      if (failure !== null) expect(`${operation.name}: ${failure.kind}`).not.toContain('Internal');
    }
  }
  expect(await readFile(pwned, 'utf8').catch(() => 'not there')).toBe('not there');
  expect(await readdir(archive.dir)).not.toContain('pwned');
  expect(await archived()).toBe(before);
  expect(seen.operations.size).toBeGreaterThan(15);
  expect(seen.texts).toBeGreaterThan(300);
}, 300_000);

describe('a restore', () => {
  test.each(['--upload-pack=touch x', '-x', 'ext::sh -c x', 'relative', 'https://u:p@h/r', '/tmp/a\nb', 'file:///a%00b', 'javascript:alert(1)', 'git@-oProxyCommand=x:r'])('to %j is refused before anything is asked', async (target) => {
    const plan = (await allOperations()).find(({ name }) => name === 'plan');
    if (plan === undefined) throw new Error('there is no operation plan');
    const failure = await outcomeOf(plan, { repository: 'force-push', target });
    expect(failure?.kind).toMatch(/^(UrlRefused|InvalidInput)$/);
  });
});
