// YAML and JSON documents as paths with their lines; aliases are followed nowhere, so that none can grow.
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Scalar } from 'yaml';

/** A value of a document. `path`: names of members and numbers of items, below the number of the document. */
export interface YamlNode {
  path: readonly string[];
  /** Of a scalar: its text. Undefined for a map or a list. */
  text?: string;
  /** Where the key is, or the item. */
  line: number;
  /** Where the value begins. */
  valueLine: number;
}

const MOST_NODES = 20_000;
const DEEPEST = 30;
/** Brackets inside each other: a parser descends into each. */
const DEEPEST_BRACKETS = 100;

/**
 * All values of a file, in its order, the documents numbered by the first piece of the path. A part that is wrong is left out.
 * Fails for a text that is nested deeper than anybody writes.
 */
export function yamlNodes(text: string): YamlNode[] {
  if (tooDeep(text)) throw new Error('brackets or folders of it are nested too deeply');
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, keepSourceTokens: false, logLevel: 'silent', uniqueKeys: false });
  const nodes: YamlNode[] = [];
  const lineAt = (node: unknown): number => {
    const range = (node as { range?: [number, number, number] | null } | null)?.range;
    return range == null ? 0 : lineCounter.linePos(range[0]).line;
  };
  const add = (path: readonly string[], value: unknown, line: number): void => {
    if (nodes.length >= MOST_NODES || path.length > DEEPEST) return;
    const valueLine = lineAt(value) || line;
    nodes.push({ path, ...(isScalar(value) ? { text: textOf(value) } : {}), line, valueLine });
    if (isMap(value)) for (const { key, value: member } of value.items) add([...path, isScalar(key) ? textOf(key) : '?'], member, lineAt(key));
    else if (isSeq(value)) for (const [at, item] of value.items.entries()) add([...path, String(at)], item, lineAt(item));
  };
  for (const [at, document] of (Array.isArray(documents) ? documents : []).entries()) add([String(at)], document.contents, 1);
  return nodes;
}

/** A scalar as it is written, without quotes. */
function textOf({ source, value }: Scalar): string {
  if (source !== undefined) return source;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** True where brackets, or one-letter steps of block lists (`- - - -`), stand deeper than anybody writes them. */
export function tooDeep(text: string): boolean {
  let depth = 0;
  for (const { 0: sign } of text.matchAll(/[[\]{}]/g)) {
    depth += sign === '[' || sign === '{' ? 1 : -1;
    if (depth > DEEPEST_BRACKETS) return true;
    if (depth < 0) depth = 0;
  }
  return /(?:- ){40}|(?:\? ){40}/.test(text) || /^ {400}/m.test(text);
}

/** The nodes at a path below each document; `*` is any one piece. */
export function nodesAt(nodes: readonly YamlNode[], ...pieces: readonly string[]): YamlNode[] {
  return nodes.filter(({ path }) => path.length === pieces.length + 1 && pieces.every((piece, at) => piece === '*' || piece === path[at + 1]));
}

/** The last piece of a path. */
export const keyOf = ({ path }: YamlNode): string => path.at(-1) ?? '';
