// Temporal: workflows, activities, task queues and schedules, in Python and in TypeScript.
import { argumentNamed, named, type Call, type Code } from './calls.ts';
import type { Facts } from './reader.ts';

export function temporalPython(code: Code, facts: Facts): void {
  for (const found of code.text.matchAll(/^[ \t]*@(?:temporalio\.)?(workflow|activity)\.defn\b[^\n]{0,300}\n(?:[ \t]*@[^\n]{0,200}\n)*[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)/gm)) {
    const name = found[2] ?? '';
    const line = code.lineAt(found.index + found[0].lastIndexOf(name));
    if (found[1] === 'workflow') facts.add('entryPoint', name, 'a Temporal workflow', line);
    else facts.add('task', name, 'a Temporal activity', line);
  }
  for (const call of code.calls) {
    queue(code, call, facts);
    if (call.name === 'create_schedule' && call.args[0] !== undefined) facts.add('schedule', named(call.args[0], code).name, 'id of a Temporal schedule', call.args[0].line);
    if (call.name === 'ScheduleSpec') times(call, ['cron_expressions', 'intervals', 'calendars'], facts);
    const cron = argumentNamed(call, ['cron_schedule']);
    if (cron !== undefined) facts.add('schedule', named(cron, code).name, `when ${call.name} runs a Temporal workflow`, cron.line);
  }
}

/** A literal list `["0 3 * * *"]`, or whatever is written. */
function times(call: Call, keywords: readonly string[], facts: Facts): void {
  for (const keyword of keywords) {
    const argument = argumentNamed(call, [keyword]);
    if (argument !== undefined) facts.add('schedule', argument.text, `when a Temporal schedule runs (${keyword})`, argument.line);
  }
}

function queue(code: Code, call: Call, facts: Facts): void {
  const argument = argumentNamed(call, ['task_queue']);
  if (argument === undefined) return;
  const { name, value } = named(argument, code);
  facts.add('configuration', name, `Temporal task queue that ${call.name} names${value}`, argument.line);
}

/** Keys of object literals in the calls of the TypeScript SDK: `key: 'value'`. */
const KEYS: Readonly<Record<string, readonly ['schedule' | 'configuration', string]>> = {
  taskQueue: ['configuration', 'Temporal task queue'],
  scheduleId: ['schedule', 'id of a Temporal schedule'],
  cronSchedule: ['schedule', 'when a Temporal workflow runs'],
  cronExpressions: ['schedule', 'when a Temporal schedule runs'],
  intervals: ['schedule', 'when a Temporal schedule runs'],
  calendars: ['schedule', 'when a Temporal schedule runs'],
};

export function temporalScript(code: Code, facts: Facts): void {
  if (/from\s+["']@temporalio\/workflow["']/.test(code.source)) for (const found of code.text.matchAll(/^export\s+async\s+function\s+(\w+)/gm)) facts.add('entryPoint', found[1] ?? '', 'exported by a file of Temporal workflows', code.lineAt(found.index));
  for (const found of code.text.matchAll(/\b(taskQueue|scheduleId|cronSchedule|cronExpressions|intervals|calendars)\s*:\s*([^\s,}][^\n,}]{0,200})/g)) {
    const [kind, what] = KEYS[found[1] ?? ''] ?? ['configuration', ''];
    const at = found.index + found[0].length - (found[2] ?? '').length;
    const written = code.source.slice(at, at + (found[2] ?? '').length).trim();
    facts.add(kind, written.replaceAll(/^['"`]|['"`]$/g, ''), what, code.lineAt(at));
  }
}
