// Failures that were really provoked, all in one index: the cause of each is found, and the line that proves it comes first.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CAUSES } from '../../diagnosis/causes/index.ts';
import { EXPECTED } from './expected.ts';
import { markAll, markOtherwise, markUnanswerable, openFailuresIndex, type FailuresIndex, type Marked } from './failures-index.ts';

/** What was measured when this was written; a change may only raise it. */
const CAUSES_RIGHT = 78;
const EVIDENCE_FIRST = 78;
/** Of the questions that no weight was chosen by. */
const OTHERWISE = { causes: 25, evidence: 24 };

const FOLDER = join(import.meta.dirname, 'failures');

let index: FailuresIndex;
let marked: Marked[];
let otherwise: Marked[];
beforeAll(async () => {
  index = await openFailuresIndex();
  marked = markAll(index);
  otherwise = markOtherwise(index);
});
afterAll(() => index?.close());

const failing = (isRight: (each: Marked) => boolean, of: readonly Marked[] = marked): string[] => of.filter((each) => !isRight(each)).map(({ expected, found }) => `${expected.name}: ${found.cause?.id ?? 'nothing'} ${found.proofs[0]?.text.slice(0, 100) ?? ''}`);

it('the set has thirty failures and more, each with its log, and every system is in it', async () => {
  expect(EXPECTED.length).toBeGreaterThanOrEqual(30);
  expect(new Set(EXPECTED.map(({ name }) => name)).size).toBe(EXPECTED.length);
  expect((await readdir(FOLDER)).filter((file) => !file.startsWith('healthy-')).toSorted()).toEqual(EXPECTED.map(({ name }) => `${name}.log`).toSorted());
  expect(new Set(EXPECTED.map(({ name }) => name.split('-')[0]))).toEqual(new Set(['spark', 'hdfs', 'kafka', 'temporal', 'pivo', 'git', 'airflow']));
});

it('each expected line is in its log, and each expected cause is one that PIVO knows', async () => {
  for (const { name, lines, cause } of EXPECTED) {
    const log = await readFile(join(FOLDER, `${name}.log`), 'utf8');
    expect(lines.some((line) => log.includes(line)), name).toBe(true);
    expect(CAUSES.map(({ id }) => id)).toContain(cause);
  }
});

it('the logs are small, and tell nothing of the machine that they were made on', async () => {
  for (const file of await readdir(FOLDER)) {
    const log = await readFile(join(FOLDER, file), 'utf8');
    expect((await stat(join(FOLDER, file))).size, file).toBeLessThan(60_000);
    expect(log, file).not.toMatch(/\/root\/|\/home\/(?!data\b)\w|\/tmp\/(?!work\b)[\w-]+|registry|artifactory/);
  }
});

it('the cause of each is found, though all are in one index and no question names a log', () => {
  expect(marked.filter(({ isCause }) => isCause).length, failing(({ isCause }) => isCause).join('\n')).toBeGreaterThanOrEqual(CAUSES_RIGHT);
});

it('the first line of evidence is one that proves it', () => {
  expect(marked.filter(({ isEvidence }) => isEvidence).length, failing(({ isEvidence }) => isEvidence).join('\n')).toBeGreaterThanOrEqual(EVIDENCE_FIRST);
});

it('asked for in words that no weight was chosen by, causes and lines are found as often as when this was measured', () => {
  expect(otherwise.filter(({ isCause }) => isCause).length, failing(({ isCause }) => isCause, otherwise).join('\n')).toBeGreaterThanOrEqual(OTHERWISE.causes);
  expect(otherwise.filter(({ isEvidence }) => isEvidence).length, failing(({ isEvidence }) => isEvidence, otherwise).join('\n')).toBeGreaterThanOrEqual(OTHERWISE.evidence);
});

it('no cause is named for runs that went well, nor for what no log speaks of', () => {
  expect(markUnanswerable(index).filter(({ found }) => found.cause !== null).map(({ ask, found }) => `${ask} ${found.cause?.id ?? ''}`)).toEqual([]);
});
