// Finds the calls of a source text with the chain before them and their arguments: `df.write.mode("append").parquet(path)`.
import { mask, type Lexis, type Masked, type StringToken } from './lexis.ts';
import { lineCounter } from './source.ts';

export interface Argument {
  /** The keyword of `name=value`. */
  keyword?: string;
  /** As it is written, on one line where it is a string. */
  text: string;
  /** The content of a string; `{…}` of a template stays. */
  literal?: string;
  /** Where its words begin: line, and offset in the source. */
  line: number;
  offset: number;
}

export interface Link {
  name: string;
  /** Undefined for a member that is not called. */
  args?: Argument[];
}

export interface Call {
  /** From the first name on; the last is the call itself. */
  chain: Link[];
  /** The same as text: `df.write.mode().parquet`. */
  path: string;
  name: string;
  args: Argument[];
  line: number;
  /** True where nothing but blanks and `@` stand before it in its line. */
  decorator: boolean;
  offset: number;
}

export interface Code extends Masked {
  source: string;
  calls: Call[];
  lineAt(offset: number): number;
  /** Values of `NAME = "…"`, the first of each name, with their line. */
  constants: ReadonlyMap<string, { value: string; line: number }>;
}

/** Links of a chain that are followed back. */
const LONGEST_CHAIN = 40;
const MOST_ARGUMENTS = 60;
const MOST_CALLS = 20_000;

/** Reads a text: each offset is looked at a bounded number of times. */
export function codeOf(source: string, lexis: Lexis): Code {
  const masked = mask(source, lexis);
  const lineAt = lineCounter(source);
  const parens = matching(masked.text);
  const reading: Reading = { ...masked, source, lineAt, parens, before: new Map() };
  const calls: Call[] = [];
  for (const found of masked.text.matchAll(/([A-Za-z_]\w{0,99})(?:\[[\w, .]{0,80}\])?\s{0,4}\(/g)) {
    const open = found.index + found[0].length - 1;
    const call = calls.length < MOST_CALLS ? callAt(reading, found[1] ?? '', found.index, open) : null;
    if (call !== null) calls.push(call);
  }
  return { ...masked, source, calls, lineAt, constants: constantsOf(reading) };
}

interface Reading extends Masked {
  source: string;
  lineAt(offset: number): number;
  /** Of each parenthesis, its partner. */
  parens: ReadonlyMap<number, number>;
  /** Of each opening parenthesis of a call, what was read before: a long chain is gone back over once. */
  before: Map<number, { chain: Link[]; start: number }>;
}

function matching(text: string): Map<number, number> {
  const partners = new Map<number, number>();
  const open: number[] = [];
  for (const { 0: sign, index } of text.matchAll(/[()]/g)) {
    if (sign === '(') open.push(index);
    else {
      const partner = open.pop();
      if (partner !== undefined) partners.set(index, partner).set(partner, index);
    }
  }
  return partners;
}

function callAt(reading: Reading, name: string, from: number, open: number): Call | null {
  const close = reading.parens.get(open);
  if (close === undefined) return null;
  const args = argumentsOf(reading, open + 1, close);
  const { links, start } = linksBefore(reading, from);
  const chain = [...links, { name, args }].slice(-LONGEST_CHAIN);
  reading.before.set(open, { chain, start });
  const path = chain.map((link, at) => (link.args !== undefined && at < chain.length - 1 ? `${link.name}()` : link.name)).join('.');
  const lineStart = reading.text.lastIndexOf('\n', start - 1) + 1;
  return { chain, path, name, args, line: reading.lineAt(from), decorator: /^\s*@$/.test(reading.text.slice(lineStart, start)), offset: from };
}

/** Goes back over `a.b(…).` before an offset. */
function linksBefore(reading: Reading, from: number): { links: Link[]; start: number } {
  const { text, parens } = reading;
  const links: Link[] = [];
  let start = from;
  while (links.length < LONGEST_CHAIN) {
    const dot = /\.[\s\\]{0,200}$/.exec(text.slice(Math.max(0, start - 201), start));
    if (dot === null) break;
    let at = start - dot[0].length;
    at -= /[\s\\?!]{0,200}$/.exec(text.slice(Math.max(0, at - 200), at))?.[0].length ?? 0;
    const open = text[at - 1] === ')' ? parens.get(at - 1) : undefined;
    const known = open === undefined ? undefined : reading.before.get(open);
    if (known !== undefined) return { links: [...known.chain, ...links], start: known.start };
    const end = open ?? at;
    const name = /([A-Za-z_]\w{0,99})(?:\[[\w, .]{0,80}\])?\s{0,4}$/.exec(text.slice(Math.max(0, end - 190), end));
    if (name === null) {
      links.unshift({ name: '' });
      break;
    }
    links.unshift({ name: name[1] ?? '', ...(open === undefined ? {} : { args: argumentsOf(reading, open + 1, at - 1) }) });
    start = end - name[0].length;
  }
  return { links, start };
}

/** Characters of all arguments of one call that are looked at. */
const LONGEST_ARGUMENTS = 20_000;

function argumentsOf(reading: Reading, from: number, to: number): Argument[] {
  const args: Argument[] = [];
  let begin = from;
  let depth = 0;
  for (let at = from; at <= to && args.length < MOST_ARGUMENTS; at++) {
    const sign = reading.text[at] ?? '';
    const partner = sign === '(' && at < to ? reading.parens.get(at) : undefined;
    if (partner !== undefined) at = partner;
    else if ('[{'.includes(sign) && sign !== '') depth++;
    else if (']}'.includes(sign) && sign !== '') depth--;
    else if (at === to || (sign === ',' && depth === 0)) {
      const argument = argumentOf(reading, begin, at);
      if (argument !== null) args.push(argument);
      begin = at + 1;
    }
    if (at - from > LONGEST_ARGUMENTS) break;
  }
  return args;
}

function argumentOf({ text, source, strings, lineAt }: Reading, from: number, to: number): Argument | null {
  const blank = /^[\s\\]*/.exec(text.slice(from, to))?.[0].length ?? 0;
  const keyword = /^([A-Za-z_]\w*)\s*=(?![=>])\s*/.exec(text.slice(from + blank, to));
  const start = from + blank + (keyword?.[0].length ?? 0);
  const written = source.slice(start, to).trim();
  if (written === '') return null;
  const literal = literalAt(strings, text, start, start + written.length);
  const value = literal === undefined ? undefined : source.slice(literal.from, literal.to);
  const content = literal === undefined ? start : literal.from + Math.max(0, value?.search(/\S/) ?? 0);
  return { ...(keyword?.[1] === undefined ? {} : { keyword: keyword[1] }), text: written, ...(value === undefined ? {} : { literal: value }), line: lineAt(content), offset: content };
}

/** The string that fills `from` to `to`, with a prefix of letters (`f"…"`, `r"…"`) or without. */
function literalAt(strings: Masked['strings'], text: string, from: number, to: number): StringToken | undefined {
  const prefix = /^[A-Za-z]{0,2}(?=["'`])/.exec(text.slice(from, from + 3))?.[0].length ?? 0;
  const found = strings.get(from + prefix);
  return found !== undefined && found.end === to ? found : undefined;
}

function constantsOf({ text, source, strings, lineAt }: Reading): Map<string, { value: string; line: number }> {
  const constants = new Map<string, { value: string; line: number }>();
  for (const found of text.matchAll(/^[ \t]*(?:(?:export |private |public |protected |static |final |lazy )*(?:const|let|var|val|String) )?([A-Za-z_]\w{0,99})(?:\s*:\s*\w+)?[ \t]*=[ \t]*(?=[A-Za-z]{0,2}["'`])/gm)) {
    const from = found.index + found[0].length;
    const prefix = /^[A-Za-z]{0,2}/.exec(text.slice(from, from + 2))?.[0].length ?? 0;
    const value = strings.get(from + prefix);
    const name = found[1] ?? '';
    if (value !== undefined && !constants.has(name)) constants.set(name, { value: source.slice(value.from, value.to), line: lineAt(found.index + found[0].search(/\S/)) });
  }
  return constants;
}

/** The argument of a keyword, or the one at a place among those without a keyword. */
export function argumentNamed({ args }: Pick<Call, 'args'>, keywords: readonly string[], place?: number): Argument | undefined {
  return args.find(({ keyword }) => keyword !== undefined && keywords.includes(keyword)) ?? (place === undefined ? undefined : args.filter(({ keyword }) => keyword === undefined)[place]);
}

/** Said of what a file does not name by a string. */
export const EXPRESSION = 'an expression of the code';

/** How an argument is named in a fact, and what is known of its value: a string by its content, anything else as it is written. */
export function named({ text, literal }: Argument, { constants }: Code): { name: string; value: string } {
  if (literal !== undefined) return { name: literal.split('\n').find((line) => line.trim() !== '')?.trim() ?? '', value: '' };
  const known = constants.get(text);
  return { name: text, value: known === undefined ? `, ${EXPRESSION}` : `, which is ${known.value.split('\n')[0] ?? ''} (line ${known.line})` };
}
