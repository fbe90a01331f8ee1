// Stacks of JavaScript and TypeScript: package.json, its scripts, its lockfile.
import { matchesGlob } from 'node:path/posix';
import { SAID } from '../analysis/manifests/said.ts';
import type { Fact } from '../contract/analysis.ts';
import type { Stack } from '../contract/pipeline.ts';
import { quote } from '../shell/quote.ts';
import { command, dependenciesOf, isBelow, namesOf, stackOf, under, type Project } from './needs-project.ts';
import { fileIn, versionFile, versionOf } from './needs-version.ts';

/** By lockfile: the manager, and how it installs exactly what the lockfile says. */
const MANAGERS: readonly { manager: string; lockfile: string; install: string }[] = [
  { manager: 'npm', lockfile: 'package-lock.json', install: 'npm ci' },
  { manager: 'npm', lockfile: 'npm-shrinkwrap.json', install: 'npm ci' },
  { manager: 'pnpm', lockfile: 'pnpm-lock.yaml', install: 'pnpm install --frozen-lockfile' },
  { manager: 'yarn', lockfile: 'yarn.lock', install: 'yarn install --frozen-lockfile' },
  { manager: 'bun', lockfile: 'bun.lock', install: 'bun install --frozen-lockfile' },
  { manager: 'bun', lockfile: 'bun.lockb', install: 'bun install --frozen-lockfile' },
];

/** What `npm init` writes where there are no tests. */
const NO_TESTS = 'no test specified';

const SCRIPTS = { lint: ['lint', 'typecheck', 'check'], test: ['test', 'test:unit', 'test:ci'], build: ['build'] } as const;

export function nodeStacks(project: Project): Stack[] {
  const isMember = (outer: string, inner: string): boolean => members(project, outer).some((pattern) => matchesGlob(inner, under(outer, pattern.replace(/^\.\//, '').replace(/\/$/, ''))));
  return project.outermost(/^package\.json$/, isMember).map((folder) => nodeStack(project, folder));
}

const members = (project: Project, folder: string): string[] => project.said(folder, /^(?:package\.json|pnpm-workspace\.yaml)$/, SAID.member).map(({ name }) => name).filter((pattern) => !pattern.startsWith('!'));

function nodeStack(project: Project, folder: string): Stack {
  const facts = project.of(folder, 'package.json');
  const name = facts.find(({ detail }) => detail === SAID.name);
  const asked = versionFile(project, folder, 'nodejs') ?? versionOf(facts.filter((fact) => fact.kind === 'configuration' && fact.detail.startsWith('needs node ')), ({ detail }) => detail.slice('needs node '.length));
  const dependencies = dependenciesOf(project, folder, /^package\.json$/);
  const managed = managerOf(project, folder, facts);
  const stack = stackOf('node', folder, [project.fileFact(folder, 'package.json'), name, asked?.evidence, managed.evidence]);
  const run = managed.manager === 'yarn-berry' ? 'yarn' : managed.manager;
  const script = (names: readonly string[]): Stack['steps']['test'] => scriptOf(facts, names, run) ?? memberScript(project, folder, names, run);
  return {
    ...stack, name: name?.name ?? stack.name, version: asked?.version ?? null, manager: managed.manager, managerVersion: managed.version, lockfile: managed.lockfile,
    steps: { install: command(managed.install, managed.evidence ?? project.fileFact(folder, 'package.json')), lint: script(SCRIPTS.lint), test: script(SCRIPTS.test), build: script(SCRIPTS.build) },
    start: scriptOf(facts, ['start'], run), dependencies: namesOf(dependencies),
  };
}

/** By lockfile; without one by `packageManager`; else npm. A lockfile of a folder above serves a workspace only, which is one stack. */
function managerOf(project: Project, folder: string, facts: readonly Fact[]): { manager: string; version: string | null; lockfile: string | null; install: string; evidence: Fact | undefined } {
  const pinned = facts.find(({ kind, name }) => kind === 'configuration' && name === 'packageManager');
  const [, wanted, version = null] = /^needs packageManager (\w+)@(\d+\.\d+\.\d+)/.exec(pinned?.detail ?? '') ?? [];
  const locked = MANAGERS.find(({ manager, lockfile }) => project.has(folder, lockfile) && (wanted === undefined || wanted === manager));
  const found = locked ?? MANAGERS.find(({ manager }) => manager === (wanted ?? 'npm'));
  const manager = found?.manager ?? 'npm';
  const isBerry = manager === 'yarn' && (fileIn(project, folder, '.yarnrc.yml') !== null || Number.parseInt(version ?? '1', 10) > 1);
  const install = locked === undefined ? `${manager} install` : isBerry ? 'yarn install --immutable' : locked.install;
  const evidence = locked === undefined ? pinned : project.fileFact(folder, locked.lockfile);
  return { manager: isBerry ? 'yarn-berry' : manager, version: wanted === manager ? version : null, lockfile: locked?.lockfile ?? null, install, evidence };
}

function scriptOf(facts: readonly Fact[], names: readonly string[], manager: string): Stack['steps']['test'] {
  for (const name of names) {
    const fact = facts.find((each) => each.kind === 'command' && each.name === name && !each.detail.includes(NO_TESTS));
    if (fact !== undefined) return command(name === 'test' && manager !== 'bun' ? `${manager} test` : `${manager} run ${quote(name)}`, fact);
  }
  return null;
}

/** In a workspace whose root has no such script: the scripts of its members. */
function memberScript(project: Project, folder: string, names: readonly string[], manager: string): Stack['steps']['test'] {
  if (members(project, folder).length === 0) return null;
  const own = project.factsBelow(folder).filter(({ kind, file, detail }) => kind === 'command' && file.endsWith('package.json') && isBelow(file, folder) && !detail.includes(NO_TESTS));
  for (const name of names) {
    const shown = own.filter((fact) => fact.name === name);
    const run: Record<string, string> = { npm: `npm run ${quote(name)} --workspaces --if-present`, pnpm: `pnpm --recursive run ${quote(name)}`, yarn: `yarn workspaces run ${quote(name)}` };
    if (shown.length > 0 && run[manager] !== undefined) return command(run[manager], ...shown);
  }
  return null;
}
