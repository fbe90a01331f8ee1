// Mines templates from messages while they are read: Drain (P. He, J. Zhu, Z. Zheng, M. R. Lyu: "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017), an own implementation.

/** Stands for what varies. */
export const VARIABLE = '<*>';

/** Share of equal words from which a message belongs to a template. */
const SIMILAR = 0.5;
/** First words that lead through the tree, below the number of words, to the templates they are compared with: the paper's depth 4. */
const LEADING_WORDS = 1;
/** Branches of a node; more first words share one branch. */
const BRANCHES = 100;
/** Templates of a leaf, past which a message takes the most similar one, however little. */
const TEMPLATES_A_LEAF = 200;
/** Words of a message that count. */
const WORDS = 48;
/** Characters of a message that count. */
const CHARACTERS = 1_000;
/** Characters of a word that are kept. */
const WORD_CHARACTERS = 80;

export interface Template {
  readonly id: number;
  words: string[];
}

interface Node {
  branches: Map<string, Node>;
  templates: Template[];
}

const newNode = (): Node => ({ branches: new Map(), templates: [] });

/** What of a word varies: everything with a digit, up to brackets, commas and equals signs. */
const VARYING = /[\w.:/\\@+#%~*-]*\d[\w.:/\\@+#%~*-]*/g;
const HAS_DIGIT = /\d/;

/** The words of a message's first line, with numbers, ids, addresses, times and paths masked. */
export function maskedWords(message: string): string[] {
  const end = message.indexOf('\n');
  const line = end === -1 ? message : message.slice(0, end);
  const words: string[] = [];
  for (const word of (line.length > CHARACTERS ? line.slice(0, CHARACTERS) : line).split(' ')) {
    if (word === '') continue;
    if (words.length === WORDS) break;
    words.push(masked(word));
  }
  return words.length === 0 ? [''] : words;
}

function masked(word: string): string {
  if (HAS_DIGIT.test(word)) return word.replace(VARYING, VARIABLE);
  if (isPath(word)) return VARIABLE;
  return word.length > WORD_CHARACTERS ? VARIABLE : word;
}

/** Two slashes make a path; a URL has them too. */
function isPath(word: string): boolean {
  const first = word.indexOf('/');
  return first !== -1 && word.includes('/', first + 1);
}

/** Told what happened to templates, in order. */
export interface TemplateEvents {
  /** Makes a template and returns its number. */
  add(words: string[]): number;
  /** A template became more general. */
  change(template: Template): void;
}

/** The templates of one system's messages. The same messages in the same order give the same templates. */
export class TemplateMiner {
  readonly #lengths = new Map<number, Node>();
  readonly #events: TemplateEvents;

  constructor(events: TemplateEvents) {
    this.#events = events;
  }

  /** Takes up a template that was mined before; those of one system in the order they were made. */
  take(id: number, text: string): void {
    const words = text.split(' ');
    this.#leaf(words).templates.push({ id, words });
  }

  /** The number of the template that the message belongs to. */
  match(message: string): number {
    const words = maskedWords(message);
    const leaf = this.#leaf(words);
    const found = mostSimilar(leaf.templates, words);
    if (found === undefined) {
      const kept = words.map(ownCopy);
      const id = this.#events.add(kept);
      leaf.templates.push({ id, words: kept });
      return id;
    }
    if (generalise(found, words)) this.#events.change(found);
    return found.id;
  }

  #leaf(words: readonly string[]): Node {
    let node = this.#lengths.get(words.length);
    if (node === undefined) this.#lengths.set(words.length, (node = newNode()));
    const depth = Math.min(LEADING_WORDS, words.length);
    for (let at = 0; at < depth; at++) node = branchOf(node, words[at] as string);
    return node;
  }
}

/** A word that varies, and words past the most branches, share one. */
function branchOf(node: Node, word: string): Node {
  const known = node.branches.get(word);
  if (known !== undefined) return known;
  const shared = word.includes(VARIABLE) || node.branches.size >= BRANCHES;
  const key = shared ? VARIABLE : ownCopy(word);
  let branch = node.branches.get(key);
  if (branch === undefined) node.branches.set(key, (branch = newNode()));
  return branch;
}

function mostSimilar(templates: readonly Template[], words: readonly string[]): Template | undefined {
  let best: Template | undefined;
  let most = -1;
  for (const template of templates) {
    let equal = 0;
    for (let i = 0; i < words.length; i++) if (template.words[i] === words[i]) equal += 1;
    if (equal === words.length) return template;
    if (equal > most) [best, most] = [template, equal];
  }
  return most / words.length >= SIMILAR || templates.length >= TEMPLATES_A_LEAF ? best : undefined;
}

function generalise(template: Template, words: readonly string[]): boolean {
  let changed = false;
  for (let i = 0; i < words.length; i++) {
    if (template.words[i] === words[i] || template.words[i] === VARIABLE) continue;
    template.words[i] = VARIABLE;
    changed = true;
  }
  return changed;
}

/** A word cut from a line keeps the whole line in memory; this one does not. */
export const ownCopy = (word: string): string => Buffer.from(word).toString();
