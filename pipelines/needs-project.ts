// The files and facts of a commit as the finders of stacks look at them: by folder.
import { isForeign } from '../analysis/analyse.ts';
import type { Said } from '../analysis/manifests/said.ts';
import type { Fact } from '../contract/analysis.ts';
import type { Stack, StackCommand, StackKind } from '../contract/pipeline.ts';
import { unquotePath } from '../git/quote.ts';

/** Folders of tests, of examples, and of other people's code: a project in them is not what the repository is. */
const ASIDE = /(?:^|\/)(?:tests?|__tests__|specs?|fixtures?|testdata|mocks?|examples?|samples?|bench(?:marks?)?|deps|third[-_]party|external|extern|vendored)\//i;

export const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/');
export const nameOf = (path: string): string => path.split('/').at(-1) ?? '';
export const under = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);
/** The folders above a folder, the root last. */
const above = (folder: string): string[] => (folder === '' ? [] : [folderOf(folder), ...above(folderOf(folder))]);
/** True for a path below a folder, or the folder itself. */
export const isBelow = (path: string, folder: string): boolean => folder === '' || path === folder || path.startsWith(`${folder}/`);

/** A name with control characters, breaks of lines, or marks that turn the order of what is read goes into no file that PIVO writes. */
// eslint-disable-next-line no-control-regex
const isPlain = (path: string): boolean => !/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]/.test(path);

/** Projects of one kind that are looked at. */
export const MOST_FOLDERS = 50;

function keep<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

export class Project {
  readonly #facts = new Map<string, Fact[]>();
  readonly #names = new Map<string, string[]>();
  readonly #all: ReadonlySet<string>;
  /** Paths as they are, in their order; those that no line of text can hold are in `odd`. */
  readonly files: readonly string[];
  readonly odd: readonly string[];
  /** Projects in such folders, which no stack is made of. */
  readonly aside: string[] = [];
  /** How many projects were not looked at, because there are too many of their kind. */
  beyond = 0;

  constructor(paths: readonly string[], facts: readonly Fact[]) {
    const plain = paths.filter((path) => !isForeign(path)).map((path) => unquotePath(path).toString('utf8'));
    this.files = plain.filter(isPlain).sort((a, b) => (a < b ? -1 : 1));
    this.odd = plain.filter((path) => !isPlain(path));
    this.#all = new Set(this.files);
    for (const path of this.files) keep(this.#names, folderOf(path), nameOf(path));
    for (const fact of facts) keep(this.#facts, unquotePath(fact.file).toString('utf8'), fact);
  }

  has(folder: string, name: string): boolean {
    return this.#all.has(under(folder, name));
  }

  /** Names of the files of a folder that are of a form. */
  named(folder: string, form: RegExp): string[] {
    return (this.#names.get(folder) ?? []).filter((name) => form.test(name));
  }

  /** Files of a folder and below that are of a form. */
  below(folder: string, form: RegExp): string[] {
    return this.files.filter((path) => isBelow(path, folder) && form.test(path));
  }

  /** Facts of one file. */
  of(folder: string, name: string): readonly Fact[] {
    return this.#facts.get(under(folder, name)) ?? [];
  }

  /** What a reader of project files said of the files of a folder. */
  said(folder: string, form: RegExp, said: Said): Fact[] {
    return this.named(folder, form).flatMap((name) => this.of(folder, name).filter(({ detail }) => detail === said));
  }

  factsBelow(folder: string): Fact[] {
    return [...this.#facts].filter(([path]) => this.#all.has(path) && isBelow(path, folder)).flatMap(([, facts]) => facts);
  }

  /** Folders with a file of a form, those aside left out; the first of them where there are too many. */
  folders(form: RegExp): string[] {
    return this.#few(this.#own(form));
  }

  /** The same without those that are below another one for which `covers` is true. */
  outermost(form: RegExp, covers: (outer: string, inner: string) => boolean = () => true): string[] {
    const all = this.#own(form);
    const known = new Set(all);
    return this.#few(all.filter((inner) => !above(inner).some((outer) => known.has(outer) && covers(outer, inner))));
  }

  #own(form: RegExp): string[] {
    const found = [...this.#names].filter(([, names]) => names.some((name) => form.test(name))).map(([folder]) => folder).sort();
    this.aside.push(...found.filter((folder) => ASIDE.test(`${folder}/`)));
    return found.filter((folder) => !ASIDE.test(`${folder}/`));
  }

  #few(folders: readonly string[]): string[] {
    this.beyond += Math.max(0, folders.length - MOST_FOLDERS);
    return folders.slice(0, MOST_FOLDERS);
  }

  /** The fact about a file as a whole. */
  fileFact(folder: string, name: string): Fact {
    return this.of(folder, name).find(({ line, kind }) => line === null && kind !== 'language') ?? { kind: 'buildSystem', name, detail: `by ${name}`, file: under(folder, name), line: null };
  }
}

/** Tests below a folder, one fact a file. */
export const testsBelow = (project: Project, folder: string, files: RegExp): Fact[] => project.factsBelow(folder).filter(({ kind, file }) => kind === 'test' && files.test(file));

export const command = (run: string, ...evidence: readonly (Fact | undefined)[]): StackCommand => ({ run, evidence: evidence.filter((fact) => fact !== undefined) });

/** A stack of which nothing but kind, folder and evidence is known yet. */
export function stackOf(kind: StackKind, folder: string, evidence: readonly (Fact | undefined)[]): Stack {
  return {
    kind, folder, name: folder === '' ? kind : nameOf(folder), version: null, manager: null, managerVersion: null, lockfile: null,
    steps: { install: null, lint: null, test: null, build: null }, start: null, services: [], ports: [], dependencies: [],
    evidence: evidence.filter((fact) => fact !== undefined),
  };
}

/** Names of dependencies in the files of a folder, in their order. */
export const dependenciesOf = (project: Project, folder: string, form: RegExp): Fact[] => project.named(folder, form).flatMap((name) => project.of(folder, name).filter(({ kind }) => kind === 'dependency'));

export const namesOf = (facts: readonly Fact[]): string[] => [...new Set(facts.map(({ name }) => name))].sort().slice(0, 200);
