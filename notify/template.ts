// JSON templates: parsed first and filled afterwards, so that no value can change the shape of the document that it is put into.
import { PivoError } from '../contract/failures.ts';

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** What a template may name: values, and objects of values by `name.member`. */
export type Values = Readonly<Record<string, Json>>;

/** A template ready to be filled. */
export interface Template {
  /** Every name in it, once. */
  names: readonly string[];
  /** The document with the values in it; a name without value is an empty string. */
  render(values: Values): Json;
}

/** Most placeholders of one template: each may stand for all facts. */
const MOST_PLACEHOLDERS = 500;
const MOST_DEPTH = 32;
const PLACEHOLDER = /\{\{\s*([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\s*\}\}/g;

/** Reads a template from JSON text. Fails with InvalidInput that says where it is wrong. */
export function parseTemplate(text: string, what: string): Template {
  let document: Json;
  try {
    document = JSON.parse(text) as Json;
  } catch (error) {
    throw new PivoError('InvalidInput', `${what} is no JSON: ${(error as Error).message}`, { hint: 'A placeholder stands inside a string: "text": "{{title}}".', cause: error });
  }
  return compileTemplate(document, what);
}

/** The template that a JSON document is. Fails as `parseTemplate`. */
export function compileTemplate(document: Json, what: string): Template {
  const names: string[] = [];
  const render = compile(document, { what, place: '$', depth: 0, names });
  if (names.length > MOST_PLACEHOLDERS) throw new PivoError('InvalidInput', `${what} has ${names.length} placeholders, at most ${MOST_PLACEHOLDERS}`);
  return { names: [...new Set(names)], render };
}

interface Compiling {
  what: string;
  /** Where in the document, as JSONPath writes it. */
  place: string;
  depth: number;
  names: string[];
}

type Render = (values: Values) => Json;

function compile(node: Json, at: Compiling): Render {
  if (at.depth > MOST_DEPTH) throw new PivoError('InvalidInput', `${at.what} is nested deeper than ${MOST_DEPTH}`);
  if (typeof node === 'string') return compileText(node, at);
  if (typeof node !== 'object' || node === null) return () => node;
  if (Array.isArray(node)) {
    const items = node.map((item, i) => compile(item, { ...at, place: `${at.place}[${i}]`, depth: at.depth + 1 }));
    return (values) => items.map((item) => item(values));
  }
  const members = Object.entries(node).map(([name, value]) => [name, compile(value, { ...at, place: `${at.place}.${name}`, depth: at.depth + 1 })] as const);
  return (values) => Object.fromEntries(members.map(([name, value]) => [name, value(values)]));
}

/** A string that is one placeholder and nothing else takes the value as it is: a number stays a number. */
function compileText(text: string, { what, place, names }: Compiling): Render {
  const found = [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  if (text.replace(PLACEHOLDER, '').includes('{{')) throw new PivoError('InvalidInput', `${what}: the string at ${place} has "{{" without a name and "}}"`, { hint: 'A placeholder is {{name}} or {{facts.name}}.' });
  names.push(...found);
  const [only = ''] = found;
  if (found.length === 1 && text.replace(PLACEHOLDER, '') === '') return (values) => wellFormed(valueOf(values, only));
  return (values) => text.replace(PLACEHOLDER, (_all, name: string) => textOf(wellFormed(valueOf(values, name))));
}

/** An own member at each step, so that no name reaches what every object has. */
function valueOf(values: Values, name: string): Json {
  let value: Json = values;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return '';
    value = (value as { [name: string]: Json })[part] ?? null;
  }
  return value;
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Halves of surrogate pairs become U+FFFD: not every receiver's JSON takes them. */
function wellFormed(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toWellFormed(), wellFormed(member)]));
}
