// Any text: each line is an entry, with its time and level where it shows them; stacks belong to the line before.
import type { LogSystem } from '../../contract/logs.ts';
import { assembling } from './assemble.ts';
import type { Format, Header } from './format.ts';
import { levelNamed, stampOf } from './stamp.ts';
import { isFrame } from './stacks.ts';

const LEVEL = /^\s*[[(|-]?\s*(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE|trace|debug|info|warn|warning|error|fatal)\b[\])|:]*\s*/;
const LOGFMT = /^(?:time|ts|t)="?([^\s"]+)"?\s+level=(\w+)\s+/;

/** `time=… level=… msg="…" key=value`, as Go programs write. */
function logfmt(line: string): Header | null {
  const found = LOGFMT.exec(line);
  const stamp = found === null ? null : stampOf(found[1] ?? '');
  if (found === null || stamp === null) return null;
  const text = line.slice(found[0].length);
  return { time: stamp.time, level: levelNamed(found[2]), component: /\bcomponent="?([^\s"]+)/.exec(text)?.[1] ?? null, run: /\b(?:wf-id|workflow-id|workflowId|wfId|WorkflowID)="?([^\s"]+)/.exec(text)?.[1] ?? null, text, exception: null };
}

function headerOf(line: string): Header | null {
  if (line.charCodeAt(0) === 116 && line.includes('level=')) return logfmt(line); // t
  const stamp = stampOf(line);
  const rest = stamp === null ? line : line.slice(stamp.length);
  const level = LEVEL.exec(rest);
  if (stamp === null && level === null) return null;
  return { time: stamp?.time ?? null, level: levelNamed(level?.[1]), component: null, run: null, text: level === null ? rest.trimStart() : rest.slice(level[0].length), exception: null };
}

const isTemporal = (line: string): boolean => /\b(?:temporal|wf-namespace|service=(?:history|matching|frontend|worker)|shard-id)\b/i.test(line);

export const plain: Format = {
  name: 'plain',
  share: () => 0.01,
  reader: (emit, from) => assembling({ begin: (line) => (isFrame(line) ? null : headerOf(line)), loose: true }, emit, from),
  system: (lines): LogSystem | null => (lines.some((line) => LOGFMT.test(line)) && lines.some(isTemporal) ? 'temporal' : null),
};
