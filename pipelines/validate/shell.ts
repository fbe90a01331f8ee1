// `bash -n` of every script: one bash reads them all, one after the other, and runs none.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipelineProblem } from '../../contract/pipeline.ts';
import { neutral } from './expressions.ts';
import { notRun, type Bench } from './options.ts';
import { Problems } from './problem.ts';
import { runChecker } from './program.ts';
import { isPosix, textOfScript, type Script } from './scripts.ts';

/** Files are numbered; `-n` reads and never runs, whatever stands in them. */
const LOOP = 'for ((i = 0; i < $1; i++)); do "$BASH" --norc --noprofile -n "./$i.sh"; done 2>&1; exit 0';

/** What bash cannot read, by file and line. Shells that bash cannot read for are a warning; Dockerfiles are hadolint's. */
export async function checkShell(scripts: readonly Script[], bench: Bench): Promise<PipelineProblem[]> {
  const problems = new Problems('shell');
  const ours = scripts.filter(({ within }) => within !== 'dockerfile');
  for (const script of ours) if (!isPosix(script)) problems.warning(script.place, `${script.of} is run by ${script.shell}, which is not checked: read it yourself`);
  const read = ours.filter(isPosix);
  if (read.length === 0) return problems.list;
  try {
    for (const { script, line, says } of await ask(read, bench)) problems.error(script.lines[line - 1]?.place ?? script.lines.at(-1)?.place ?? script.place, `${script.of}: bash cannot read it: ${says}`);
  } catch (error) {
    const paths = new Set(read.map(({ place }) => place.path));
    problems.list.push(...[...paths].map((path) => notRun('shell', path, 'bash -n (install bash)', error, bench.signal)));
  }
  return problems.list;
}

async function ask(scripts: readonly Script[], { tools, signal, folder }: Bench): Promise<{ script: Script; line: number; says: string }[]> {
  const cwd = join(folder, 'shell');
  await mkdir(cwd);
  await Promise.all(scripts.map((script, at) => writeFile(join(cwd, `${at}.sh`), `${neutral(textOfScript(script), () => false)}\n`)));
  const path = tools.env['PATH'] ?? '';
  const { code, stdout } = await runChecker({ file: 'bash', args: ['--norc', '--noprofile', '-c', LOOP, 'bash', String(scripts.length)], cwd, path, signal });
  if (code !== 0) throw new Error(`bash ended with code ${code}`);
  const told = new Set<number>();
  return [...stdout.matchAll(/^\.\/(\d+)\.sh: (?:line (\d+): )?(.*)$/gm)].flatMap(([, number, line, says = '']) => {
    const at = Number(number);
    const script = scripts[at];
    if (script === undefined || told.has(at)) return []; // the second line of bash repeats the text
    told.add(at);
    return [{ script, line: Number(line ?? 1), says }];
  });
}
