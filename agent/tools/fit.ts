// Puts an answer into the budget of a tool's result, and says what was cut and how to get it.
import type { ToolAnswer } from './tool.ts';

/** Most bytes of JSON that a tool answers a model with. */
export const RESULT_BUDGET = 24 * 1024;

/** Strings are cut to these many characters, the longest first, until the rest fits. */
const CLIPS = [16_000, 4_000, 1_000, 200];

/** JSON text within the budget. Repository text in it stays what it is: values of members, never words of PIVO. */
export function fit({ value, list, rest = '' }: Pick<ToolAnswer, 'value' | 'list' | 'rest'>, budget = RESULT_BUDGET): { content: string; cut: boolean } {
  const whole = JSON.stringify(value);
  if (Buffer.byteLength(whole) <= budget) return { content: whole, cut: false };
  for (const most of CLIPS) {
    const clipped = clip(value, most) as Record<string, unknown>;
    const text = shortened(clipped, list, rest, budget);
    if (text !== null) return { content: text, cut: true };
  }
  return { content: JSON.stringify({ cut: `The result is too large. ${rest}`.trim(), beginning: whole.slice(0, budget / 4) }), cut: true };
}

/** Null when not even one item fits. */
function shortened(value: Record<string, unknown>, list: string | undefined, rest: string, budget: number): string | null {
  const items = list === undefined ? undefined : value[list];
  if (list === undefined || !Array.isArray(items)) return within({ ...value, cut: `Long texts were cut. ${rest}`.trim() }, budget);
  const withFirst = (count: number): string | null => {
    const said = count < items.length ? `Only the first ${count} of ${items.length} ${list} are shown.` : 'Long texts were cut.';
    return within({ ...value, [list]: items.slice(0, count), cut: `${said} ${rest}`.trim() }, budget);
  };
  let [fits, fails] = [0, items.length + 1];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (withFirst(middle) === null) fails = middle;
    else fits = middle;
  }
  return fits === 0 ? null : withFirst(fits);
}

function within(value: object, budget: number): string | null {
  const text = JSON.stringify(value);
  return Buffer.byteLength(text) <= budget ? text : null;
}

function clip(value: unknown, most: number): unknown {
  if (typeof value === 'string') return value.length <= most ? value : `${value.slice(0, most)}…[${value.length - most} more characters were cut]`;
  if (Array.isArray(value)) return value.map((each) => clip(each, most));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, clip(each, most)]));
}
