// Airflow's task logs: `[time] {file.py:line} LEVEL - text`.
import { assembling } from './assemble.ts';
import { shareOf, type Format, type Header } from './format.ts';
import { levelNamed, stampOf } from './stamp.ts';

const REST = /^ \{([\w./<>-]+):(\d+)\} (TRACE|DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL) - ?/;

function headerOf(line: string): Header | null {
  if (!line.startsWith('[')) return null;
  const stamp = stampOf(line);
  if (stamp === null) return null;
  const rest = line.slice(stamp.length);
  const found = REST.exec(rest);
  return found === null ? null : { time: stamp.time, level: levelNamed(found[3]), component: found[1] ?? null, run: null, text: rest.slice(found[0].length), exception: null };
}

export const airflow: Format = {
  name: 'airflow',
  share: (lines) => shareOf(lines, (line) => headerOf(line) !== null),
  reader: (emit, from) => assembling({ begin: headerOf }, emit, from),
  system: () => 'airflow',
};
