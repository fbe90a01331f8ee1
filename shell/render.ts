// Writes the command of an intent: values quoted into their places, and a visible placeholder where there is none.
import { PLACE, type Intent } from './intent.ts';
import { quote, quotePath } from './quote.ts';
import { kindOf } from './request/kinds.ts';
import type { Values } from './request/fill.ts';

export interface Part {
  text: string;
  meaning: string;
}

export interface Rendered {
  command: string;
  parts: Part[];
  /** Places without a value, as they stand in the command: `<topic>`. */
  missing: string[];
}

/** What may stand inside quotes that the template itself has written, such as a number in a program of awk. */
const SAFE_INSIDE = /^[A-Za-z0-9_ .:/+%,-]*$/;

/** A placeholder is quoted: unquoted, the shell would read `<topic>` as two redirections. */
export function render(intent: Intent, values: Values): Rendered {
  const missing = new Set<string>();
  const parts = intent.parts.flatMap(([template, meaning]): Part[] => {
    if (template.startsWith('?') && [...template.matchAll(PLACE)].some(([, name = '']) => !values.has(name))) return [];
    return [{ text: written(template.replace(/^\?/, ''), values, missing), meaning }];
  });
  return { command: parts.map(({ text }) => text).join(' '), parts, missing: [...missing] };
}

function written(template: string, values: Values, missing: Set<string>): string {
  return template.replaceAll(PLACE, (_, name: string, preset: string | undefined, at: number) => {
    const inside = isInsideQuotes(template, at);
    const value = values.get(name);
    const usable = value !== undefined && (!inside || SAFE_INSIDE.test(value)) ? value : preset;
    if (usable !== undefined) return inside ? usable : quoted(name, usable);
    missing.add(`<${name}>`);
    return inside ? `<${name}>` : `'<${name}>'`;
  });
}

function quoted(place: string, value: string): string {
  const { written } = kindOf(place);
  if (written === 'raw') return value;
  return written === 'path' ? quotePath(value) : quote(value);
}

/** Whether a quote is open at that place of the template. */
function isInsideQuotes(template: string, at: number): boolean {
  let open = '';
  for (const letter of template.slice(0, at)) {
    if (open === '' && (letter === "'" || letter === '"')) open = letter;
    else if (letter === open) open = '';
  }
  return open !== '';
}
