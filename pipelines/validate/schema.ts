// The schemas of GitLab CI and GitHub workflows, by check-jsonschema, which carries both: one call for all files of a kind.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipelineProblem } from '../../contract/pipeline.ts';
import type { CiFile, ReadFiles } from './files.ts';
import { notRun, type Bench } from './options.ts';
import { Problems, type Place } from './problem.ts';
import { runChecker } from './program.ts';
import { python, toolFolder } from './tools.ts';
import { jsonOf, type Tree } from './tree.ts';

const SCHEMAS = { gitlab: 'vendor.gitlab-ci', github: 'vendor.github-workflows' } as const;

/** Isolated from the user's own packages; the folder is the first argument. */
const START = 'import sys; sys.path.insert(0, sys.argv.pop(1)); from check_jsonschema import main; sys.exit(main())';

interface SchemaError {
  filename: string;
  path: string;
  message: string;
  best_deep_match?: Found;
  sub_errors?: Found[];
}

interface Found {
  path: string;
  message: string;
}

/** The schema's problems of all files; a warning for each file that it could not be asked about. */
export async function checkSchema({ gitlab, github }: ReadFiles, bench: Bench): Promise<PipelineProblem[]> {
  const found = await Promise.all([checkKind('gitlab', gitlab, bench), checkKind('github', github, bench)]);
  return found.flat();
}

async function checkKind(kind: 'gitlab' | 'github', files: readonly CiFile[], bench: Bench): Promise<PipelineProblem[]> {
  if (files.length === 0) return [];
  try {
    const problems = new Problems('schema');
    const errors = await ask(kind, files, bench);
    for (const error of errors) {
      const file = files[Number(/(\d+)\.json$/.exec(error.filename)?.[1])];
      const { path, message } = closest(error);
      if (file !== undefined) tell(file, path, message, problems);
    }
    return problems.list;
  } catch (error) {
    return files.map(({ path }) => notRun('schema', path, `the schema of ${kind === 'gitlab' ? 'GitLab' : 'GitHub'}`, error, bench.signal));
  }
}

/** Files are handed over as JSON under names of ours: Python reads no YAML of strangers and no name of theirs. */
async function ask(kind: 'gitlab' | 'github', files: readonly CiFile[], { tools, signal, folder }: Bench): Promise<SchemaError[]> {
  const [packages, file] = await Promise.all([toolFolder('check-jsonschema', tools, signal), python(tools)]);
  const names = files.map((_, at) => `${kind}-${at}.json`);
  await Promise.all(files.map(({ root }, at) => writeFile(join(folder, names[at] ?? ''), JSON.stringify(jsonOf(root)))));
  const args = ['-I', '-c', START, packages, '--builtin-schema', SCHEMAS[kind], '--output-format', 'json', '--verbose', ...names];
  const { stdout, stderr } = await runChecker({ file, args, cwd: folder, path: tools.env['PATH'] ?? '', signal });
  const said = parsed(stdout);
  if (said === null || said.parse_errors.length > 0) throw new Error(`check-jsonschema did not answer: ${stderr.trim().slice(-200) || stdout.slice(0, 200)}`);
  return said.errors;
}

function parsed(text: string): { errors: SchemaError[]; parse_errors: unknown[] } | null {
  try {
    const { errors = [], parse_errors = [] } = JSON.parse(text) as { errors?: SchemaError[]; parse_errors?: unknown[] };
    return { errors, parse_errors };
  } catch {
    return null;
  }
}

/** Of the ways in which none of several forms fits: one key that is a word too much, else the deepest. */
function closest({ path, message, best_deep_match: deep, sub_errors: all = [] }: SchemaError): Found {
  const depth = (each: Found): number => piecesOf(each.path).length;
  const deepest = Math.max(0, ...all.map(depth));
  return all.find((each) => depth(each) === deepest && each.message.includes(' was unexpected)')) ?? deep ?? { path, message };
}

/** The place of the value, or of the member that the message names; the value itself is not repeated. */
function tell({ root, path: file }: CiFile, path: string, message: string, problems: Problems): void {
  const pieces = piecesOf(path);
  const value = pieces.reduce<Tree | undefined>(childOf, root);
  const named = /\((?:'([^']+)')(?:, .*)? (?:was|were) unexpected\)/.exec(message)?.[1];
  const member = value?.kind === 'map' && named !== undefined ? value.members.get(named) : undefined;
  const place: Place = { path: file, line: member?.line ?? value?.line ?? null };
  const where = pieces.length === 0 ? 'the file' : pieces.join('.');
  problems.error(place, `${where}: ${shortened(message)}`);
}

/** JSONPath as Python's jsonschema writes it: `$.jobs['a b'].steps[0]`. */
const piecesOf = (path: string): string[] => [...path.matchAll(/\.([A-Za-z_]\w*)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]/g)].map(([, name, index, quoted]) => name ?? index ?? (quoted ?? '').replaceAll(/\\(.)/g, '$1'));

function childOf(tree: Tree | undefined, piece: string): Tree | undefined {
  return tree?.kind === 'map' ? tree.members.get(piece)?.value : tree?.kind === 'list' ? tree.items[Number(piece)] : undefined;
}

/** jsonschema begins its sentences with the value, which can be the whole file. */
function shortened(message: string): string {
  const at = message.search(/ (?:is not|is valid under|does not match|is too|should|has (?:non-unique|too)|cannot be|was expected)/);
  return at > 80 ? `this value${message.slice(message.lastIndexOf(message.slice(at, at + 9)))}` : message;
}
