// In chat without a model, a question why something failed calls `debug`; questions about commits do not.
import { expect, it } from 'vitest';
import { nextOf } from '../../agent/providers/scripted/answer.ts';
import { describeTools } from '../../agent/tools/index.ts';

const tools = await describeTools();
const callsOf = (text: string): string[] => {
  const next = nextOf({ messages: [{ role: 'user', text }], tools });
  return 'calls' in next ? next.calls.map(({ name }) => name) : [];
};

it.each(["why did last night's restore fail?", 'Why does the daily-revenue job keep crashing?', 'What went wrong with the backup of execa?', 'please debug: kafka refuses our messages', 'why is my push rejected'])('%s', (question) => {
  expect(callsOf(question)).toEqual(['debug']);
});

it('the whole question goes to the tool, as it was typed', () => {
  const next = nextOf({ messages: [{ role: 'user', text: "Why did last night's restore of Execa fail?" }], tools });
  expect('calls' in next ? next.calls[0]?.arguments : {}).toEqual({ question: "Why did last night's restore of Execa fail?" });
});

it.each(['who changed main.py in diary last month?', 'restore diary at v1 to /srv/x', 'what changed in diary between v1 and main?', 'why was README.md changed in diary?'])('%s is not such a question', (question) => {
  expect(callsOf(question)).not.toContain('debug');
});
