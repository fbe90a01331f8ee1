// Finds the facts of a repository: chooses the files within a budget, reads each once, tells what it could not look at.
import type { Analysis, AnalysisFinding, Fact } from '../contract/analysis.ts';
import { buildSystemOf, languageOf, lockfileOf } from './languages.ts';
import { readersOf } from './readers.ts';
import { baseName, sourceOf } from './source.ts';

export interface ListedFile {
  /** As `quotePath` writes it. */
  path: string;
  bytes: number;
}

export interface AnalysisLimits {
  /** Most files that are read. */
  files: number;
  /** Most bytes of one file, and of all together. */
  fileBytes: number;
  bytes: number;
  /** Most facts. */
  facts: number;
}

export const ANALYSIS_LIMITS: AnalysisLimits = { files: 4_000, fileBytes: 512 * 1024, bytes: 32 * 2 ** 20, facts: 20_000 };

/** Folders of other people's code and of what was built. */
const FOREIGN = /(?:^|\/)(?:node_modules|vendor|third_party|site-packages|\.venv|venv|dist|build|target|out|\.git|__pycache__|\.terraform|bower_components)\//;
/** True for a file of a dependency, or one that was built. */
export const isForeign = (path: string): boolean => FOREIGN.test(path);
/** Facts of one file. */
const MOST_OF_A_FILE = 1_000;

/**
 * Facts in the order of the files' paths and lines. The same files give the same facts. `read` gives a file's bytes, null where they are
 * not to be had; it is asked for one file at a time.
 */
export async function analyse(files: readonly ListedFile[], read: (file: ListedFile) => Promise<Buffer | null>, { signal, limits = ANALYSIS_LIMITS }: { signal?: AbortSignal; limits?: AnalysisLimits } = {}): Promise<Analysis> {
  const findings = new Findings();
  const listed = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const own = listed.filter(({ path }) => !isForeign(path));
  for (const { path } of listed.filter((file) => isForeign(file.path))) findings.add('not read: in a folder of dependencies or of what was built', path);
  const facts = fileFacts(own);
  let bytes = 0;
  const chosen = chooseFiles(own, limits, findings);
  for (const file of chosen) {
    signal?.throwIfAborted();
    const content = await read(file);
    if (content === null) findings.add('not read: its content is not in the archive', file.path);
    else facts.push(...factsOf(file.path, content, findings));
    bytes += content?.length ?? 0;
  }
  if (facts.length > limits.facts) findings.add(`only the first ${limits.facts} facts are told`, facts[limits.facts]?.file ?? '');
  const kept = facts.slice(0, limits.facts).sort(inOrder);
  return { facts: kept, findings: findings.list(), listed: listed.length, read: chosen.length, bytes };
}

const inOrder = (a: Fact, b: Fact): number => (a.file === b.file ? (a.line ?? 0) - (b.line ?? 0) : a.file < b.file ? -1 : 1);

class Findings {
  readonly #byProblem = new Map<string, { files: string[]; count: number }>();

  add(problem: string, file: string): void {
    const found = this.#byProblem.get(problem) ?? { files: [], count: 0 };
    found.count += 1;
    if (found.files.length < 20) found.files.push(file);
    this.#byProblem.set(problem, found);
  }

  list(): AnalysisFinding[] {
    return [...this.#byProblem].map(([problem, found]) => ({ problem, ...found }));
  }
}

/** The files that have a reader, as far as the budget goes; the largest are cut first. In the order of their paths. */
function chooseFiles(files: readonly ListedFile[], limits: AnalysisLimits, findings: Findings): ListedFile[] {
  const bySize = files.filter(({ path }) => readersOf(path).length > 0).sort((a, b) => a.bytes - b.bytes || (a.path < b.path ? -1 : 1));
  const chosen: ListedFile[] = [];
  let bytes = 0;
  for (const file of bySize) {
    if (file.bytes > limits.fileBytes) findings.add(`not read: larger than ${limits.fileBytes} bytes`, file.path);
    else if (chosen.length >= limits.files || bytes + file.bytes > limits.bytes) findings.add(`not read: the largest files were left out, so that no more than ${limits.files} files and ${limits.bytes} bytes are read`, file.path);
    else {
      chosen.push(file);
      bytes += file.bytes;
    }
  }
  return chosen.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function factsOf(path: string, content: Buffer, findings: Findings): Fact[] {
  const source = sourceOf(path, content);
  if (source === null) {
    findings.add('not read: it is no text', path);
    return [];
  }
  if (source.skipped > 0) findings.add('lines that are longer than 4000 characters were left out', path);
  const facts: Fact[] = [];
  for (const reader of readersOf(path)) {
    try {
      facts.push(...reader.read(source));
    } catch (error) {
      findings.add(`not understood: ${(error as Error).message.split('\n')[0]?.slice(0, 120)}`, path);
    }
  }
  if (facts.length > MOST_OF_A_FILE) findings.add(`only the first ${MOST_OF_A_FILE} facts of the file are told`, path);
  return facts.slice(0, MOST_OF_A_FILE);
}

/** What the names of the files tell: languages (each by its largest file), build systems, lockfiles. */
function fileFacts(files: readonly ListedFile[]): Fact[] {
  const facts: Fact[] = [];
  const languages = new Map<string, { files: number; bytes: number; largest: ListedFile }>();
  for (const file of files) {
    const name = baseName(file.path).toLowerCase();
    const [language, system, lock] = [languageOf(name), buildSystemOf(name), lockfileOf(name)];
    if (language !== undefined) {
      const known = languages.get(language) ?? { files: 0, bytes: 0, largest: file };
      languages.set(language, { files: known.files + 1, bytes: known.bytes + file.bytes, largest: file.bytes > known.largest.bytes ? file : known.largest });
    }
    if (system !== undefined) facts.push({ kind: 'buildSystem', name: system, detail: `by ${baseName(file.path)}`, file: file.path, line: null });
    if (lock !== undefined) facts.push({ kind: 'lockfile', name: lock, detail: `by ${baseName(file.path)}`, file: file.path, line: null });
  }
  for (const [language, { files: count, bytes, largest }] of languages) facts.push({ kind: 'language', name: language, detail: `${count} ${count === 1 ? 'file' : 'files'}, ${bytes} bytes${count === 1 ? '' : ', the largest of them here'}`, file: largest.path, line: null });
  return facts;
}
