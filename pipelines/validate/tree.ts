// A YAML file as a tree whose values know their file and line. Aliases are shared, never copied, and counted as if they were.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document, type Pair, type Scalar } from 'yaml';
import { tooDeep } from '../../analysis/yaml.ts';
import type { Place } from './problem.ts';

interface Placed {
  path: string;
  line: number;
}

export interface TreeMap extends Placed {
  kind: 'map';
  members: ReadonlyMap<string, { line: number; value: Tree }>;
}

export interface TreeList extends Placed {
  kind: 'list';
  items: readonly Tree[];
  /** GitLab's `!reference [job, key]`. */
  reference: boolean;
}

export interface TreeScalar extends Placed {
  kind: 'scalar';
  value: string | number | boolean | null;
  /** Its text without quotes. */
  text: string;
  /** As it stands in the file, to find the lines of its text. */
  source: string;
}

export type Tree = TreeMap | TreeList | TreeScalar;

/** Values that a file may have after its aliases are put in; far more than any pipeline has. */
const MOST_VALUES = 50_000;
const DEEPEST = 60;
const MOST_ERRORS = 20;
const KNOWN_TAGS = /^(?:!|tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq|merge))$/;

export interface TreeResult {
  /** The documents that could be read. */
  documents: Tree[];
  errors: { place: Place; message: string }[];
}

/** Reads a file. `merge`: `<<` puts members of other maps in, as in GitLab. What is wrong is told and never thrown. */
export function treeOf(path: string, text: string, { merge }: { merge: boolean }): TreeResult {
  const at = text.search(/[\uFFFD-\uFFFF]|(?![\t\n\r])[\p{Cc}]/u);
  if (at !== -1) return failed(path, text.slice(0, at).split('\n').length, 'is no text: it holds control characters or bytes that are not UTF-8');
  if (tooDeep(text)) return failed(path, null, 'is nested more deeply than anybody writes');
  const reading = new Reading(path, text, merge);
  try {
    return { documents: reading.documents(), errors: reading.errors };
  } catch (error) {
    if (error instanceof TreeError || error instanceof RangeError) return failed(path, reading.line, error instanceof TreeError ? error.message : 'is nested more deeply than can be read');
    throw error;
  }
}

const failed = (path: string, line: number | null, message: string): TreeResult => ({ documents: [], errors: [{ place: { path, line }, message }] });

/** Why a file is not read further. */
class TreeError extends Error {}

interface Sized {
  tree: Tree;
  /** Values in it, aliases counted each time. */
  size: number;
}

class Reading {
  readonly errors: TreeResult['errors'] = [];
  /** Where it is. */
  line = 1;
  #values = 0;
  readonly #anchors = new Map<string, Sized | null>();
  readonly #lines = new LineCounter();
  readonly #path: string;
  readonly #text: string;
  readonly #merge: boolean;

  constructor(path: string, text: string, merge: boolean) {
    this.#path = path;
    this.#text = text;
    this.#merge = merge;
  }

  documents(): Tree[] {
    const parsed = parseAllDocuments(this.#text, { lineCounter: this.#lines, logLevel: 'silent', uniqueKeys: false, prettyErrors: false, keepSourceTokens: false });
    return (Array.isArray(parsed) ? (parsed as Document.Parsed[]) : []).map((document) => {
      for (const { message, pos } of document.errors.slice(0, MOST_ERRORS)) this.#wrong(this.#lines.linePos(pos[0]).line, `is not YAML: ${message}`);
      this.#anchors.clear();
      return this.#read(document.contents, 0).tree;
    });
  }

  #wrong(line: number, message: string): void {
    this.errors.push({ place: { path: this.#path, line }, message });
  }

  #read(node: unknown, depth: number): Sized {
    if (depth > DEEPEST) throw new TreeError('is nested more deeply than anybody writes');
    const { range, tag, anchor } = (node ?? {}) as { range?: [number, number, number] | null; tag?: string; anchor?: string };
    if (range != null) this.line = this.#lines.linePos(range[0]).line;
    if (isAlias(node)) return this.#counted(this.#aliased(node.source));
    this.#count(1);
    if (tag !== undefined && !KNOWN_TAGS.test(tag) && !(tag === '!reference' && isSeq(node))) this.#wrong(this.line, `has the tag ${tag}, which no pipeline has`);
    if (anchor !== undefined) this.#anchors.set(anchor, null);
    const sized = this.#value(node, depth, range ?? [0, 0, 0]);
    if (anchor !== undefined) this.#anchors.set(anchor, sized);
    return sized;
  }

  #counted(sized: Sized): Sized {
    this.#count(sized.size);
    return sized;
  }

  #count(values: number): void {
    this.#values += values;
    if (this.#values > MOST_VALUES) throw new TreeError(`has more than ${MOST_VALUES} values where its aliases are put in`);
  }

  #aliased(name: string): Sized {
    const sized = this.#anchors.get(name);
    if (sized === undefined) throw new TreeError(`has the alias *${name}, but no anchor of that name before it`);
    if (sized === null) throw new TreeError(`has the alias *${name} inside its own anchor`);
    return sized;
  }

  #value(node: unknown, depth: number, range: [number, number, number]): Sized {
    const place = { path: this.#path, line: this.line };
    if (isMap(node)) return this.#map(node.items, place, depth);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#read(item, depth + 1));
      return { tree: { ...place, kind: 'list', items: items.map(({ tree }) => tree), reference: node.tag === '!reference' }, size: sum(items) };
    }
    const value = isScalar(node) ? plain(node) : null;
    return { tree: { ...place, kind: 'scalar', value, text: value === null ? '' : typeof value === 'string' ? value : ((node as Scalar).source ?? String(value)), source: this.#text.slice(range[0], range[1]) }, size: 1 };
  }

  #map(pairs: readonly Pair[], place: Placed, depth: number): Sized {
    const own = new Map<string, { line: number; value: Tree }>();
    const merged = new Map<string, { line: number; value: Tree }>();
    const sizes: Sized[] = [];
    for (const { key, value } of pairs) {
      const name = this.#read(key, depth + 1).tree;
      const { line } = this;
      const sized = this.#read(value, depth + 1);
      sizes.push(sized);
      const text = name.kind === 'scalar' ? name.text : '';
      if (name.kind !== 'scalar') this.#wrong(line, 'has a map or a list for a key');
      else if (this.#merge && text === '<<') this.#mergeInto(merged, sized.tree, line);
      else if (own.has(text)) this.#wrong(line, `has the key ${text} twice in one map: only one of them counts`);
      else own.set(text, { line, value: sized.tree });
    }
    return { tree: { ...place, kind: 'map', members: new Map([...merged, ...own]) }, size: sum(sizes) };
  }

  /** Of several maps the first wins. */
  #mergeInto(merged: Map<string, { line: number; value: Tree }>, from: Tree, line: number): void {
    for (const map of from.kind === 'list' ? from.items : [from]) {
      if (map.kind !== 'map') this.#wrong(line, 'merges (<<) what is no map');
      else for (const [name, member] of map.members) if (!merged.has(name)) merged.set(name, member);
    }
  }
}

const sum = (all: readonly Sized[]): number => all.reduce((total, { size }) => total + size, 1);

const plain = ({ value, source }: Scalar): TreeScalar['value'] => (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null ? value : (source ?? ''));

/** A member of a map; undefined for other values. */
export const member = (tree: Tree | undefined, name: string): Tree | undefined => (tree?.kind === 'map' ? tree.members.get(name)?.value : undefined);

/** Below several members. */
export const under = (tree: Tree | undefined, ...names: readonly string[]): Tree | undefined => names.reduce(member, tree);

/** The text of a scalar; undefined for other values and for null. */
export const textOf = (tree: Tree | undefined): string | undefined => (tree?.kind === 'scalar' && tree.value !== null ? tree.text : undefined);

/** Members of a map with the lines of their keys; none for other values. */
export const membersOf = (tree: Tree | undefined): [name: string, value: Tree, place: Placed][] => (tree?.kind === 'map' ? [...tree.members].map(([name, { line, value }]) => [name, value, { path: value.path, line }]) : []);

/** Items of a list, or the value alone where it is none. */
export const itemsOf = (tree: Tree | undefined): readonly Tree[] => (tree === undefined ? [] : tree.kind === 'list' ? tree.items : [tree]);

/** Each scalar below, once, with the names of the maps above it. */
export function* scalarsOf(tree: Tree, above: readonly string[] = [], seen = new Set<Tree>()): Generator<{ scalar: TreeScalar; above: readonly string[] }> {
  if (seen.has(tree)) return;
  seen.add(tree);
  if (tree.kind === 'scalar') yield { scalar: tree, above };
  else if (tree.kind === 'list') for (const item of tree.items) yield* scalarsOf(item, above, seen);
  else for (const [name, { value }] of tree.members) yield* scalarsOf(value, [...above, name], seen);
}

/** As JSON has it; `!reference` is told as GitLab's schema expects it, a list of texts. */
export function jsonOf(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.reference ? tree.items.map((item) => textOf(item) ?? '') : tree.items.map(jsonOf);
  return Object.fromEntries([...tree.members].map(([name, { value }]) => [name, jsonOf(value)]));
}

/** Empty lines and folded ones that may stand between two lines of a text. */
const FARTHEST = 50;

/** Lines of a scalar's text, each with its line in the file: found by walking both together. */
export function linesOf({ text, source, line, path }: TreeScalar): { text: string; place: Placed }[] {
  const written = source.split('\n').map((each) => each.trim());
  let at = /^[|>]/.test(source) ? 1 : 0;
  return text.split('\n').map((each) => {
    const start = each.trim().slice(0, 40);
    const found = start === '' ? -1 : written.slice(at, at + FARTHEST).findIndex((other) => other !== '' && (start.startsWith(other.slice(0, 40)) || other.includes(start)));
    if (found !== -1) at += found;
    const place = { path, line: line + Math.min(at, written.length - 1) };
    at += 1;
    return { text: each, place };
  });
}
