// What the files leave open: what was not read, what was not found, and what only a running program knows.
import { EXPRESSION } from '../../analysis/calls.ts';
import type { Analysis, Fact, FactKind } from '../../contract/analysis.ts';
import { isAside } from './sections.ts';

export interface OpenQuestion {
  text: string;
  places: { file: string; line: number | null }[];
}

const MISSING: readonly (readonly [FactKind, string])[] = [['entryPoint', 'entry point'], ['input', 'input'], ['output', 'output'], ['schedule', 'schedule'], ['test', 'test'], ['ci', 'continuous integration']];
const MOST_PLACES = 10;

export function openQuestions({ facts, findings, read, listed }: Analysis, withAside: boolean): OpenQuestion[] {
  const own = facts.filter(({ file, kind }) => withAside || kind === 'test' || kind === 'ci' || !isAside(file));
  const missing = MISSING.filter(([kind]) => !own.some((fact) => fact.kind === kind)).map(([, what]) => what);
  return [
    ...named(own),
    ...withoutSchedule(own),
    ...unlocked(own),
    ...(missing.length === 0 ? [] : [{ text: `No ${missing.join(', no ')} was found in the ${read} files of ${listed} that were read; that is no proof that there is none.`, places: [] }]),
    ...(facts.length > own.length ? [{ text: `${facts.length - own.length} facts of tests, examples and fixtures are left out here; ask for their folder to see them.`, places: [] }] : []),
    ...findings.map(({ problem, files, count }) => ({ text: `${count} ${count === 1 ? 'file' : 'files'}: ${problem}.`, places: files.slice(0, 3).map((file) => ({ file, line: null })) })),
  ];
}

const placesOf = (facts: readonly Fact[]): OpenQuestion['places'] => facts.slice(0, MOST_PLACES).map(({ file, line }) => ({ file, line }));

/** Inputs and outputs whose names the program makes when it runs. */
function named(facts: readonly Fact[]): OpenQuestion[] {
  const open = facts.filter(({ kind, detail }) => (kind === 'input' || kind === 'output') && (detail.includes(EXPRESSION) || detail.includes('is not in the call')));
  return open.length === 0 ? [] : [{ text: `${open.length} inputs and outputs are named by expressions: their values are known only when the program runs.`, places: placesOf(open) }];
}

function withoutSchedule(facts: readonly Fact[]): OpenQuestion[] {
  const scheduled = new Set(facts.filter(({ kind }) => kind === 'schedule').map(({ file }) => file));
  const dags = facts.filter(({ kind, detail, file }) => kind === 'entryPoint' && /Airflow DAG|Prefect flow|Dagster job/.test(detail) && !scheduled.has(file));
  return dags.length === 0 ? [] : [{ text: 'When do these pipelines run? Their files set no schedule.', places: placesOf(dags) }];
}

/** Manifests without a lockfile in their folder or above it. */
function unlocked(facts: readonly Fact[]): OpenQuestion[] {
  const locks = facts.filter(({ kind }) => kind === 'lockfile').map(({ file }) => file.split('/').slice(0, -1).join('/'));
  const manifests = facts.filter(({ kind, name, file }) => kind === 'buildSystem' && ['npm', 'Python (pyproject)', 'Pipenv', 'Cargo', 'Go modules', 'Bundler', 'Composer'].includes(name) && !locks.some((folder) => folder === '' || file.startsWith(`${folder}/`)));
  return manifests.length === 0 ? [] : [{ text: 'Versions of dependencies may differ from one installation to the next: there is no lockfile for these.', places: placesOf(manifests) }];
}
