// Entry: asks for the cause of every provoked failure and prints the score: `node test/debug/score.ts`.
import { markAll, markOtherwise, markUnanswerable, openFailuresIndex } from './failures-index.ts';

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const index = await openFailuresIndex();
try {
  const started = performance.now();
  const marked = markAll(index);
  const milliseconds = (performance.now() - started) / marked.length;
  const otherwise = markOtherwise(index);
  for (const { expected, found, isCause, isEvidence } of [...marked, ...otherwise]) {
    if (isEvidence) continue;
    const first = found.proofs[0];
    say(`${isCause ? 'LINE ' : 'CAUSE'}  ${expected.name}: ${expected.ask}\n       ${found.cause?.id ?? 'nothing'} by ${index.fileOf(first?.source.name ?? '') ?? 'no log'}: ${(first?.text ?? '').slice(0, 120)} (nearest ${index.fileOf(found.nearest?.source.name ?? '') ?? 'none'})`);
  }
  const unanswerable = markUnanswerable(index);
  for (const { ask, found } of unanswerable) if (found.cause !== null) say(`NAMED  ${ask}\n       ${found.cause.id}`);
  const count = (of: readonly boolean[]): string => `${of.filter(Boolean).length} of ${of.length}`;
  say(`right cause: ${count(marked.map(({ isCause }) => isCause))}; proving line first: ${count(marked.map(({ isEvidence }) => isEvidence))}; asked otherwise: ${count(otherwise.map(({ isCause }) => isCause))} and ${count(otherwise.map(({ isEvidence }) => isEvidence))}; silent where nothing is known: ${count(unanswerable.map(({ found }) => found.cause === null))}; ${milliseconds.toFixed(0)} ms a question`);
} finally {
  await index.close();
}
