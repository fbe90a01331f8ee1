// The standard sections of a document, and which facts each is made of.
import type { Fact, FactKind } from '../../contract/analysis.ts';

export const SECTIONS = ['Overview', 'Entry points', 'Inputs', 'Outputs', 'Schedules', 'Configuration', 'Dependencies', 'How to run', 'Tests', 'Open questions'] as const;
export type Section = (typeof SECTIONS)[number];

const OF_KIND: Record<FactKind, Section> = {
  language: 'Overview', buildSystem: 'Overview', container: 'Overview', service: 'Overview', port: 'Overview', entryPoint: 'Entry points', task: 'Entry points', flow: 'Entry points', input: 'Inputs', output: 'Outputs', schedule: 'Schedules',
  configuration: 'Configuration', dependency: 'Dependencies', lockfile: 'Dependencies', command: 'How to run', test: 'Tests', ci: 'Tests',
};

/** The same said of the same words, wherever they are. */
export interface Claim {
  kind: FactKind;
  name: string;
  detail: string;
  /** Where it is said, the first of them. */
  places: { file: string; line: number | null }[];
  /** How many places there are. */
  count: number;
}

const MOST_PLACES = 3;

/** In the overview: languages by their bytes, build systems, then the rest in the order of the files. */
function rank({ kind, detail }: Claim): number {
  if (kind === 'language') return -Number(/ (\d+) bytes/.exec(detail)?.[1] ?? 0);
  return kind === 'buildSystem' ? 1 : 2;
}

/** Files that test, show or teach: what they read and write is not what the repository does. */
export const isAside = (file: string): boolean => /(?:^|\/)(?:tests?|__tests__|spec|specs|fixtures?|testdata|mocks?|examples?|samples?|bench(?:marks?)?)\/|(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.py$|\.(?:test|spec)\.[cm]?[jt]sx?$|(?:^|\/)src\/test\//.test(file);

/** Claims of each section in the order of the facts; those of tests and examples only in the section Tests, and of languages. */
export function claimsOf(facts: readonly Fact[], withAside: boolean): Map<Section, Claim[]> {
  const sections = new Map<Section, Map<string, Claim>>(SECTIONS.map((section) => [section, new Map()]));
  for (const { kind, name, detail, file, line } of facts) {
    const section = OF_KIND[kind];
    if (!withAside && section !== 'Tests' && kind !== 'language' && isAside(file)) continue;
    const claims = sections.get(section);
    const key = [kind, name, detail, ...(['dependency', 'entryPoint', 'task', 'flow'].includes(kind) ? [file] : [])].join('\0');
    const known = claims?.get(key);
    if (known === undefined) claims?.set(key, { kind, name, detail, places: [{ file, line }], count: 1 });
    else {
      known.count += 1;
      if (known.places.length < MOST_PLACES) known.places.push({ file, line });
    }
  }
  return new Map([...sections].map(([section, claims]) => [section, [...claims.values()].sort((a, b) => rank(a) - rank(b))]));
}
