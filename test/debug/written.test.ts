// What a model writes is held against the facts; where it claims more, the drafted text stands, and says so.
import { expect, it } from 'vitest';
import type { DebugAnswer } from '../../contract/diagnosis.ts';
import { PivoError } from '../../contract/failures.ts';
import type { TextWriter } from '../../contract/writer.ts';
import { written } from '../../diagnosis/written.ts';

const LINK = 'log:0123456789abcdef:12';

const ANSWER: DebugAnswer = {
  question: 'why?',
  run: null,
  window: null,
  cause: { id: 'disk-full', title: 'A disk is full', meaning: 'No space.' },
  confidence: 'proven',
  evidence: [{ link: LINK, from: 'spark.log', time: null, text: 'No space left on device', why: 'It says so.', cause: 'disk-full' }],
  others: [],
  toCheck: [],
  toRun: [{ command: 'df -h PATH; df -i PATH', why: 'space' }],
  missing: [],
  text: 'drafted',
  writtenBy: 'pivo',
};

const writer = (text: string): TextWriter => ({ name: 'a model', write: async () => text });
const by = (text: string): Promise<DebugAnswer> => written(ANSWER, writer(text), new AbortController().signal);

it('a text that keeps to the evidence is used, and the answer says who wrote it', async () => {
  const text = `The disk is full [${LINK}](${LINK}). Run \`df -h PATH; df -i PATH\`; see \`spark.local.dir\`.`;
  expect(await by(text)).toMatchObject({ text, writtenBy: 'a model' });
});

it.each([
  ['cites a line that is no evidence', `Full, see log:0123456789abcdef:13 and ${LINK}.`, 'is no evidence'],
  ['cites a line of another log', `Full, see log:fedcba9876543210:12 and ${LINK}.`, 'is no evidence'],
  ['cites nothing', 'The disk is full.', 'cites no line'],
  ['names another command', `Full (${LINK}). Run \`rm -rf /data\`.`, 'command that was not checked'],
  ['names another command in a block', `Full (${LINK}).\n\`\`\`sh\nhdfs dfs -rm -r /data\n\`\`\``, 'command that was not checked'],
  ['is empty', ' ', 'was empty'],
])('a text that %s is not used', async (_what, text, reason) => {
  const answer = await by(text);
  expect(answer).toMatchObject({ writtenBy: 'pivo', evidence: ANSWER.evidence });
  expect(answer.text).toMatch(/^drafted\n/);
  expect(answer.text).toContain(reason);
});

it('where no text comes, the lines are there all the same, and it is said why', async () => {
  const silent: TextWriter = { name: 'a model', write: () => Promise.reject(new PivoError('Unavailable', 'the model does not answer')) };
  expect(await written(ANSWER, silent, new AbortController().signal)).toMatchObject({ writtenBy: 'pivo', evidence: ANSWER.evidence, text: expect.stringMatching(/^drafted\n[^]*does not answer/) as string });
  await expect(written(ANSWER, silent, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});
