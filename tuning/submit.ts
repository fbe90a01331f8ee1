// A spark-submit template in bash with the properties that change, each with its reason.
import type { PropertyChange } from '../contract/tuning.ts';

/** A comment ends with its line: what came from a log may hold no other one. */
const inComment = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').slice(0, 300);
const quoted = (text: string): string => (/^[\w.:/=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** Null when nothing changes. An array, since a comment cannot stand between continued lines. */
export function submitTemplate(changes: readonly PropertyChange[]): string | null {
  if (changes.length === 0) return null;
  const lines = changes.flatMap(({ name, value, was, reason }) => [`  # ${inComment(reason)}`, `  --conf ${quoted(`${name}=${value}`)}  # was ${was === null ? 'not set' : inComment(was)}`]);
  return `changes=(\n${lines.join('\n')}\n)\nspark-submit "\${changes[@]}" "$@"  # then the application and its arguments, as before\n`;
}
