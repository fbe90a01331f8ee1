// Causes: each can be proven by lines that the index finds, and the cause comes before its consequences.
import { expect, it } from 'vitest';
import { CAUSES, causeOfKind, causesOf } from '../../diagnosis/causes/index.ts';
import { proofLine } from '../../diagnosis/proofs.ts';
import { subjectOf } from '../../diagnosis/subject.ts';

it('each cause has an id of its own, a proof, and what to check', () => {
  expect(new Set(CAUSES.map(({ id }) => id)).size).toBe(CAUSES.length);
  for (const { id, proofs, toCheck } of CAUSES) {
    expect(proofs.length, id).toBeGreaterThan(0);
    expect(toCheck.length, id).toBeGreaterThan(0);
    for (const { words } of proofs) expect(words, id).toMatch(/[\p{L}\p{N}]{3}/u);
  }
});

it('the innermost cause of a stack is the line that counts', () => {
  const lines = ['ERROR Executor: task failed', 'java.io.IOException: No space left on device (outer)', '\tat a.B.c(B.java:1)', 'Caused by: java.io.IOException: No space left on device', '\tat d.E.f(E.java:2)'];
  expect(proofLine(lines, CAUSES.find(({ id }) => id === 'disk-full')?.proofs ?? [])).toBe(3);
});

it('what the entry contradicts is no proof', () => {
  const refused = CAUSES.find(({ id }) => id === 'pivo-target-refused')?.proofs ?? [];
  expect(proofLine(['a ref was refused', 'kind=TargetRefused'], refused)).toBe(1);
  expect(proofLine(['target not empty: x', 'kind=TargetRefused'], refused)).toBeNull();
});

it("what PIVO's log quotes of git is a cause of PIVO's run, and stock git's log proves none of PIVO's", () => {
  expect(causesOf('pivo').map(({ id }) => id).filter((id) => id.startsWith('git-'))).toEqual([]);
  expect(causesOf('other').map(({ id }) => id).filter((id) => id.startsWith('pivo-'))).toEqual([]);
});

it('kinds of failures lead to causes', () => {
  expect(causeOfKind('Damaged')?.id).toBe('pivo-pack-damaged');
  expect(causeOfKind('StorageFull')?.id).toBe('disk-full');
  expect(causeOfKind('Internal')).toBeNull();
});

it('names, paths and words of a question are told from its chatter', () => {
  expect(subjectOf('Why did daily-revenue fail to read /data/in.csv in copyOrders?')).toEqual([
    { words: 'daily', kind: 'word' },
    { words: 'revenue', kind: 'word' },
    { words: 'read', kind: 'word' },
    { words: 'data', kind: 'word' },
    { words: 'csv', kind: 'word' },
    { words: 'copyorders', kind: 'name' },
    { words: 'daily revenue', kind: 'name' },
    { words: 'data in csv', kind: 'path' },
  ]);
});
