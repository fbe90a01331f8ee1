// The judged requests: what people ask, and the command that is right.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Judged {
  request: string;
  command: string;
}

/** The pairs of requests.txt; `?` stands for the placeholder of Kafka's broker. */
export function judgedRequests(): Judged[] {
  const lines = readFileSync(fileURLToPath(new URL('requests.txt', import.meta.url)), 'utf8').trimEnd().split('\n').filter((line) => !line.startsWith('#'));
  return lines.flatMap((request, index) => (index % 2 === 0 ? [{ request, command: (lines[index + 1] ?? '').trim().replace('--bootstrap-server ?', "--bootstrap-server '<broker>'") }] : []));
}
