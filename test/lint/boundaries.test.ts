// The import rules of .oxlintrc.json: each one fires, with its reason, and what is allowed stays allowed.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

interface Case {
  file: string;
  code: string;
  /** What the message of the rule begins with. */
  reason: string;
}

const value = (from: string): string => `import { thing } from '${from}';\nexport const used = thing;\n`;
const type = (from: string): string => `import type { Thing } from '${from}';\nexport type Used = Thing;\n`;

const FORBIDDEN: Case[] = [
  { file: 'contract/a.ts', code: value('../git/process.ts'), reason: 'contract/ holds the shared words' },
  { file: 'git/a.ts', code: value('../archive/store.ts'), reason: 'git/ knows how to run stock git' },
  { file: 'archive/a.ts', code: value('../events/log.ts'), reason: 'archive/ is the stored format: it must be readable' },
  { file: 'archive/deep/b.ts', code: value('../../workflows/index.ts'), reason: 'archive/ is the stored format: it must be readable' },
  { file: 'archive/local/a.ts', code: value('../webhdfs/store.ts'), reason: 'Rooms named after a technology never import each other' },
  { file: 'archive/webhdfs/a.ts', code: value('../local/store.ts'), reason: 'Rooms named after a technology never import each other' },
  { file: 'archive/local/b.ts', code: value('../../metadata/schema.ts'), reason: 'archive/ is the stored format: it imports' },
  { file: 'events/a.ts', code: value('../archive/store.ts'), reason: 'events/ carries messages without knowing' },
  { file: 'events/kafka/a.ts', code: value('../embedded/event-log.ts'), reason: 'Rooms named after a technology never import each other' },
  { file: 'events/embedded/a.ts', code: value('../kafka/client.ts'), reason: 'Rooms named after a technology never import each other' },
  { file: 'metadata/a.ts', code: value('../events/log.ts'), reason: 'metadata/ meets the rest in data' },
  { file: 'workflows/a.ts', code: value('../activities/index.ts'), reason: 'A workflow decides and touches nothing: import activities as types only' },
  { file: 'workflows/b.ts', code: type('../activities/put-visit.ts'), reason: 'Workflows see activities as one type' },
  { file: 'workflows/c.ts', code: value('../git/process.ts'), reason: 'A workflow decides and touches nothing: contract/ and the types' },
  { file: 'workflows/d.ts', code: value('node:fs'), reason: 'A workflow must replay' },
  { file: 'workflows/e.ts', code: value('@temporalio/client'), reason: 'A workflow must replay' },
  { file: 'activities/a.ts', code: value('../metadata/schema.ts'), reason: 'An activity is one outside act over ports' },
  { file: 'activities/b.ts', code: value('../workflows/index.ts'), reason: 'An activity is one outside act over ports' },
  { file: 'operations/a.ts', code: value('../workflows/index.ts'), reason: 'operations/ says what PIVO can do' },
  { file: 'operations/b.ts', code: value('../activities/index.ts'), reason: 'operations/ says what PIVO can do' },
  { file: 'apps/cli/a.ts', code: value('../../archive/store.ts'), reason: 'apps/ parse, call one operation and print' },
  { file: 'apps/server/b.ts', code: value('../../workflows/index.ts'), reason: 'apps/ parse, call one operation and print' },
  { file: 'restore/a.ts', code: value('../events/log.ts'), reason: 'restore/ plans and carries out a restore' },
  { file: 'logs/a.ts', code: value('../operations/index.ts'), reason: 'logs/ reads, keeps and searches log entries' },
  { file: 'diagnosis/a.ts', code: value('../metadata/schema.ts'), reason: 'diagnosis/ finds causes in log entries' },
  { file: 'tuning/a.ts', code: value('../logs/open.ts'), reason: 'tuning/ computes from what Spark recorded' },
  { file: 'shell/a.ts', code: value('../logs/open.ts'), reason: 'shell/ composes and checks commands' },
  { file: 'analysis/a.ts', code: value('../archive/store.ts'), reason: 'analysis/ finds facts in the files of a repository' },
  { file: 'pipelines/a.ts', code: value('../forges/open.ts'), reason: 'pipelines/ makes and checks a pipeline' },
  { file: 'pipelines/b.ts', code: value('../shell/compose.ts'), reason: 'pipelines/ makes and checks a pipeline from facts and templates: of git/, shell/ and logs/' },
  { file: 'pipelines/validate/a.ts', code: value('../../logs/open.ts'), reason: 'pipelines/ makes and checks a pipeline from facts and templates: of git/, shell/ and logs/' },
  { file: 'pipelines/validate/b.ts', code: value('../../engines/kafka.ts'), reason: 'of engines/ it takes cache.ts and tools.ts alone' },
  { file: 'pipelines/c.ts', code: value('../engines/cache.ts'), reason: 'of engines/ it takes cache.ts and tools.ts alone' },
  { file: 'forges/a.ts', code: value('../git/credentials.ts'), reason: 'forges/ speaks to one forge about its repositories' },
  { file: 'forges/gitlab/a.ts', code: value('../../git/credentials.ts'), reason: 'forges/ speaks to one forge about its repositories' },
  { file: 'forges/gitlab/a.ts', code: value('../github/client.ts'), reason: 'Rooms named after a technology' },
  { file: 'forges/github/a.ts', code: value('../../git/credentials.ts'), reason: 'forges/ speaks to one forge about its repositories' },
  { file: 'forges/github/a.ts', code: value('../gitlab/client.ts'), reason: 'Rooms named after a technology' },
  { file: 'forges/gitea/a.ts', code: value('../github/client.ts'), reason: 'Rooms named after a technology' },
  { file: 'lfs/a.ts', code: value('../restore/push.ts'), reason: 'lfs/ finds, fetches, keeps and serves' },
  { file: 'sources/a.ts', code: value('../archive/store.ts'), reason: 'sources/ says which repositories a source has' },
  { file: 'archive/c.ts', code: value('../lfs/pointer.ts'), reason: 'archive/ is the stored format: it must be readable' },
  { file: 'spool/a.ts', code: value('../records/store.ts'), reason: 'spool/ keeps frames in files' },
  { file: 'records/a.ts', code: value('../logs/open.ts'), reason: "records/ keeps what the spool's segments hold" },
  { file: 'records/sqlite/a.ts', code: value('../postgres/store.ts'), reason: 'Rooms named after a technology never import each other' },
  { file: 'records/postgres/a.ts', code: value('../sqlite/store.ts'), reason: 'Rooms named after a technology never import each other' },
  { file: 'records/postgres/b.ts', code: value('../../workers/worker.ts'), reason: "records/ keeps what the spool's segments hold" },
  { file: 'notify/a.ts', code: value('../state/open.ts'), reason: 'notify/ turns a notification into a signed request' },
  { file: 'vault/a.ts', code: value('../metadata/schema.ts'), reason: 'vault/ keeps who people are' },
  { file: 'webhooks/a.ts', code: value('../git/url.ts'), reason: 'webhooks/ reads and checks what forges send' },
  { file: 'apps/server/c.ts', code: value('../../spool/segment.ts'), reason: 'apps/ parse, call one operation and print' },
  { file: 'workflows/f.ts', code: value('../logs/open.ts'), reason: 'A workflow decides and touches nothing: contract/ and the types' },
  { file: 'apps/cli/b.ts', code: value('../../logs/open.ts'), reason: 'apps/ parse, call one operation and print' },
  { file: 'processes/a.ts', code: value('../stack/record.ts'), reason: 'processes/ names and signals processes' },
  { file: 'engines/a.ts', code: value('../archive/store.ts'), reason: "engines/ brings up other people's software" },
  { file: 'stack/a.ts', code: value('../workers/temporal.ts'), reason: 'stack/ starts and watches processes' },
  { file: 'agent/a.ts', code: value('../metadata/schema.ts'), reason: 'agent/ is the talking way in' },
  { file: 'agent/tools/b.ts', code: value('../../activities/index.ts'), reason: 'agent/ is the talking way in' },
  { file: 'agent/providers/gemini/a.ts', code: value('../openai/provider.ts'), reason: 'Rooms named after a technology never import each other' },
  { file: 'agent/providers/openai/a.ts', code: value('../scripted/provider.ts'), reason: 'Rooms named after a technology never import each other' },
  { file: 'agent/providers/scripted/a.ts', code: value('../gemini/provider.ts'), reason: 'Rooms named after a technology never import each other' },
  { file: 'agent/providers/scripted/b.ts', code: value('../../../metadata/schema.ts'), reason: 'agent/ is the talking way in' },
  { file: 'state/a.ts', code: value('../operations/index.ts'), reason: 'state/ keeps what was said' },
  { file: 'operations/c.ts', code: value('../agent/worker.ts'), reason: 'operations/ says what PIVO can do' },
  { file: 'workers/b.ts', code: value('../agent/worker.ts'), reason: 'workers/ are the wiring of the processes' },
  { file: 'workers/a.ts', code: value('../operations/index.ts'), reason: 'workers/ are the wiring of the processes' },
];

const ALLOWED = [
  { file: 'workflows/typed.ts', code: type('../activities/index.ts') },
  { file: 'workflows/words.ts', code: value('../contract/names.ts') },
  { file: 'archive/reader.ts', code: value('../git/process.ts') },
  { file: 'apps/cli/call.ts', code: value('../../operations/index.ts') },
  { file: 'agent/call.ts', code: value('../operations/index.ts') },
  { file: 'apps/server/agent.ts', code: value('../../agent/worker.ts') },
  { file: 'engines/end.ts', code: value('../processes/identity.ts') },
  { file: 'stack/end.ts', code: value('../processes/identity.ts') },
  { file: 'pipelines/quoted.ts', code: value('../shell/quote.ts') },
  { file: 'pipelines/near.ts', code: value('../logs/vectors/hashed/embedder.ts') },
  { file: 'pipelines/validate/near.ts', code: value('../../engines/tools.ts') },
  { file: 'workers/wire.ts', code: value('../activities/index.ts') },
  { file: 'workers/writing.ts', code: value('../agent/writer.ts') },
];

let messages: { file: string; message: string }[] = [];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-lint-'));
  const config = JSON.parse(await readFile(join(root, '.oxlintrc.json'), 'utf8')) as object;
  await writeFile(join(folder, '.oxlintrc.json'), JSON.stringify({ ...config, options: { typeAware: false } })); // import rules need no types
  for (const { file, code } of [...FORBIDDEN, ...ALLOWED]) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), code);
  }
  messages = await lint(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function lint(cwd: string): Promise<{ file: string; message: string }[]> {
  const { stdout } = await promisify(execFile)(join(root, 'node_modules/.bin/oxlint'), ['--format', 'json'], { cwd, maxBuffer: 2 ** 26 }).catch((error: { stdout: string }) => error);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string; message: string; help?: string }[] };
  return diagnostics.filter(({ code }) => code.includes('no-restricted-imports')).map(({ filename, message, help }) => ({ file: filename, message: `${message} ${help ?? ''}` }));
}

const saidOf = (file: string): string => messages.filter((each) => each.file === file).map(({ message }) => message).join('\n');

interface RestrictedImports {
  paths?: { message: string }[];
  patterns: { message: string }[];
}

describe('import rules', () => {
  it.each(FORBIDDEN)('refuse in $file: $reason', ({ file, reason }) => {
    expect(saidOf(file)).toContain(reason);
  });

  it.each(ALLOWED)('allow $file', ({ file }) => {
    expect(saidOf(file)).toBe('');
  });

  it('have a case here for every reason that the configuration gives', async () => {
    const { overrides } = JSON.parse(await readFile(join(root, '.oxlintrc.json'), 'utf8')) as { overrides: { rules: { 'no-restricted-imports'?: [string, RestrictedImports] } }[] };
    const reasons = overrides.flatMap(({ rules }) => rules['no-restricted-imports']?.[1] ?? []).flatMap(({ paths = [], patterns }) => [...paths, ...patterns].map(({ message }) => message));
    expect(reasons.length).toBeGreaterThan(10);
    expect(reasons.filter((reason) => !FORBIDDEN.some((each) => reason.startsWith(each.reason)))).toEqual([]);
  });
});
