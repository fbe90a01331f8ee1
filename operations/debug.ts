// Operation `debug`: why something failed, from lines that prove it.
import { DebugInput, type DebugAnswer, type DebugRequest, type DebugWindow } from '../contract/diagnosis.ts';
import { answerOf } from '../diagnosis/answer.ts';
import { NOTHING_FOUND, findCause, type Found } from '../diagnosis/find-cause.ts';
import type { Between } from '../diagnosis/proofs.ts';
import { spanIn, withoutSpan, type Span } from '../diagnosis/window.ts';
import { written } from '../diagnosis/written.ts';
import { openLogsForReading } from '../logs/open.ts';
import { redact } from '../logs/redact.ts';
import { evidenceOfRun, runAskedFor } from './debug-run.ts';
import { defineOperation, isMachine, type OperationContext } from './operation.ts';

export const debug = defineOperation({
  name: 'debug',
  description: 'Explains why something failed, from log lines, run histories and the index: the likely cause with the lines that prove it, what to check, what to run, and what evidence is missing. Names no cause without a line.',
  kind: 'reads',
  input: DebugInput,
  async run(context, input, { signal }): Promise<DebugAnswer> {
    const span = spanIn(input.question, Date.now());
    const window = windowOf(input, span);
    const between = { from: millisecondsOf(window?.from), to: millisecondsOf(window?.to) };
    const asked = withoutSpan(input.question, span);
    const run = input.run ?? (input.source === undefined ? await runAskedFor(context, asked, between) : null);
    const found = lookUp(context, asked, { source: input.source, run, between });
    const answer = redacted(answerOf({ question: input.question, run, window, limit: input.limit }, found, await evidenceOfRun(context, run)));
    const { writer, caller } = context;
    return writer === undefined || isMachine(caller) ? answer : written(answer, writer, signal);
  },
});

function lookUp({ paths }: OperationContext, question: string, { source, run, between }: { source: string | undefined; run: string | null; between: Between }): Found {
  const db = openLogsForReading(paths.logIndex);
  if (db === null) return NOTHING_FOUND;
  try {
    return findCause(db, question, { ...between, source, run: run ?? undefined });
  } finally {
    db.close();
  }
}

/** What was given wins over the words of the question. */
function windowOf({ since, until }: DebugRequest, span: Span | null): DebugWindow | null {
  if (since !== undefined || until !== undefined) return { from: since ?? null, to: until ?? null, words: null };
  return span === null ? null : { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString(), words: span.words };
}

const millisecondsOf = (instant: string | null | undefined): number | null => (instant == null ? null : Date.parse(instant));

/** Lines of histories and of the index are redacted as those of logs were when they were stored. */
const redacted = (answer: DebugAnswer): DebugAnswer => ({ ...answer, text: redact(answer.text), evidence: answer.evidence.map((line) => ({ ...line, text: redact(line.text) })) });
