// The ground that a forge is asked on: a fake of it with two commits, and the order of a commit.
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect } from 'vitest';
import { isPivoError, type PivoError } from '../../../contract/failures.ts';
import type { CommitOrder, Forge } from '../../../forges/forge.ts';
import { openForge } from '../../../forges/open.ts';
import type { ForgeAccess } from '../../../forges/wire.ts';
import { NAME, OWNER, TOKEN, type FakeForge } from '../fake-forge.ts';

/** What differs between the forges. */
export interface Conformance {
  kind: 'gitlab' | 'github';
  start(): Promise<FakeForge>;
  open(access: ForgeAccess, path: string): Forge;
  /** Routes that write a commit, ask for a merge, tell of a repository. */
  routes: { writes: string; merge: string; repository: string; variables: string };
}

/** What a test stands on, new for each. */
export interface Ground extends Conformance {
  fake: FakeForge;
  forge: Forge;
  /** The head of `main`, as it is at the beginning. */
  base: string;
  /** Another client of the same fake. */
  other(more: Partial<ForgeAccess>, path?: string): Forge;
}

/** Sets the ground before each test; after it nobody may have found anything wrong with a request or an answer. */
export function groundOf(conformance: Conformance): Ground {
  const { kind, start, open } = conformance;
  const ground = {
    ...conformance,
    other: (more: Partial<ForgeAccess>, path = `${OWNER}/${NAME}`) => open({ forge: kind === 'gitlab' ? 'GitLab' : 'GitHub', api: new URL(`${ground.fake.api}/`), credential: 'forge', token: () => Promise.resolve(TOKEN), ...more }, path),
  } as Ground;
  beforeEach(async () => {
    ground.fake = await start();
    ground.base = seed(ground.fake);
    ground.forge = await opened(kind, ground.fake);
  });
  afterEach(async () => {
    await ground.fake.close();
    expect(ground.fake.wrong).toEqual([]);
  });
  return ground;
}

export const opened = (kind: Conformance['kind'], fake: FakeForge): Promise<Forge> =>
  openForge(`${fake.web}/${OWNER}/${NAME}.git`, { forges: [{ host: new URL(fake.web).host, kind, api: fake.api, credential: 'forge' }], credential: null, token: () => Promise.resolve(TOKEN) });

export function seed({ git }: FakeForge): string {
  git.push('main', 'First', [{ path: 'README.md', content: '# Shop\n' }, { path: 'build.sh', content: '#!/bin/sh\n', mode: '100755' }, { path: 'logo.png', content: new Uint8Array([0x89, 0x50, 0xff, 0x00]) }]);
  return git.push('main', 'Second', [{ path: 'src/main.js', content: 'run();\n' }, { path: '.ci/old.yml', content: 'old: true\n' }]);
}

export const orderOf = (base: string, more: Partial<CommitOrder> = {}): CommitOrder => ({
  branch: 'pivo/pipeline-abc',
  base,
  message: 'Add a pipeline\n\nProposed by PIVO.',
  files: [
    { path: '.ci/new folder/pipeline.yml', content: 'jobs: ä\n', existing: null },
    { path: '.ci/old.yml', content: 'old: false\n', existing: 'old: true\n' },
    { path: 'build.sh', content: '#!/bin/sh\nmake\n', existing: '#!/bin/sh\n' },
  ],
  ...more,
});

export function expectCommitted({ git }: FakeForge, commit: string, { branch, base, message, files }: CommitOrder): void {
  expect(git.branches.get(branch)).toBe(commit);
  expect(git.at(commit)).toMatchObject({ parents: [base], message });
  expect(git.changed(commit, base)).toEqual(files.map(({ path }) => path).sort());
  for (const { path, content } of files) expect(git.text(commit, path)).toBe(content);
}

/** The failure that `work` ends with; it shows no secret anywhere. */
export async function failureOf(work: Promise<unknown>): Promise<PivoError> {
  const error = await work.then((value) => new Error(`it gave ${JSON.stringify(value)}`), (reason: unknown) => reason);
  if (!isPivoError(error)) throw error;
  expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }) + JSON.stringify(error.report()) + String(error.stack)).not.toContain('canary');
  return error;
}

export async function textOf(log: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of log) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
