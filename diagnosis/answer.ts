// The answer to a question about a failure: evidence, what to check, what is missing, and a draft in plain words.
import type { DebugAnswer, DebugConfidence, DebugWindow, EvidenceLine } from '../contract/diagnosis.ts';
import { formatLogLink } from '../contract/logs.ts';
import type { Cause } from './cause.ts';
import type { Found } from './find-cause.ts';
import type { Finding } from './proofs.ts';

export interface Asked {
  question: string;
  run: string | null;
  window: DebugWindow | null;
  /** Most lines of evidence. */
  limit: number;
}

/** Evidence from outside the logs: a run's history, the index. */
export interface FurtherEvidence {
  lines: readonly EvidenceLine[];
  /** What the run itself failed with, where that is a known cause. */
  cause: Cause | null;
  missing: readonly string[];
}

/** Characters of a line that are shown. */
const SHOWN = 600;
const SHOWN_IN_TEXT = 300;
/** Further proofs of the cause, beside the first. */
const MORE_PROOFS = 2;

/** Puts together what was found; nothing in it is without a line. */
export function answerOf({ question, run, window, limit }: Asked, found: Found, further: FurtherEvidence): DebugAnswer {
  const isOwn = found.cause !== null && (found.cause.depth === 'cause' || further.cause === null);
  const cause = isOwn ? found.cause : further.cause;
  const [first, second] = isOwn ? [proofLines(found), further.lines] : [further.lines, proofLines(found)];
  const evidence = distinct([...first, ...second, ...followed(found)]).slice(0, limit);
  const facts: Facts = {
    question,
    run,
    window,
    cause: cause === null ? null : { id: cause.id, title: cause.title, meaning: cause.meaning },
    confidence: isOwn || cause === null ? found.confidence : 'proven',
    evidence,
    others: found.others.flatMap(({ cause: other, findings: [proof] }) => (other === null || proof === undefined ? [] : [{ id: other.id, title: other.title, link: linkOf(proof) }])),
    toCheck: [...(cause?.toCheck ?? [])],
    toRun: [...(cause?.toRun ?? [])],
    missing: [...missingOf(found, cause), ...further.missing],
  };
  return { ...facts, text: draft(facts), writtenBy: 'pivo' };
}

const linkOf = ({ source, line }: Finding): string => formatLogLink({ source: source.id, line });

const lineOf = (finding: Finding, why: string, cause: string | null): EvidenceLine => ({
  link: linkOf(finding),
  from: finding.source.name,
  time: finding.time === null ? null : new Date(finding.time).toISOString(),
  text: finding.text.trim().slice(0, SHOWN),
  why,
  cause,
});

/** The first proof, and others that say it in other words. */
function proofLines({ proofs, cause }: Found): EvidenceLine[] {
  const texts = new Map<string, Finding>();
  for (const each of proofs) if (!texts.has(each.text.trim().slice(0, 80))) texts.set(each.text.trim().slice(0, 80), each);
  return [...texts.values()].slice(0, 1 + MORE_PROOFS).map((each, at) => lineOf(each, at === 0 ? `It says so: ${lowered(each.cause.title)}.` : 'The same, said again.', cause?.id ?? null));
}

/** One line for each thing that stands beside it. */
function followed({ followed: lines }: Found): EvidenceLine[] {
  return [...Map.groupBy(lines, ({ cause }) => cause.id).values()].flatMap(([each]) => (each === undefined ? [] : [lineOf(each, `Beside it, or because of it: ${lowered(each.cause.title)}.`, null)]));
}

const lowered = (text: string): string => (/^[A-Z][a-z]/.test(text) ? `${text[0]?.toLowerCase()}${text.slice(1)}` : text);

/** The first of each link. */
const distinct = (lines: readonly EvidenceLine[]): EvidenceLine[] => [...Map.groupBy(lines, ({ link }) => link).values()].flatMap(([each]) => each ?? []);

function missingOf({ nearest }: Found, cause: Cause | null): string[] {
  if (cause?.depth === 'symptom') return ['The lines found say what followed, not why. The log of the part that failed first is missing: `pivo upload FILE` adds it.'];
  if (cause !== null) return [];
  const near = nearest === null ? 'No log that was looked at speaks of it.' : `The log that speaks most of it, ${nearest.source.name}, has no line that proves a known cause.`;
  return [near, 'Add the log of the run that failed with `pivo upload FILE`, or name it with `--run` or `--source`; `pivo search WORDS` shows what is there.'];
}

const CONFIDENCE: Readonly<Record<DebugConfidence, string>> = {
  proven: 'A line says it, and nothing else competes.',
  likely: 'A line says it; other lines would fit other causes too.',
  symptom: 'This is what followed; the cause itself is in none of the logs.',
  none: 'No line proves a cause.',
};

/** A code span that holds any text. */
const code = (text: string): string => `\`${text.replaceAll('`', "'").replaceAll(/\s+/g, ' ')}\``;

type Facts = Omit<DebugAnswer, 'text' | 'writtenBy'>;

/** The answer in Markdown, from its facts alone; every claim cites its line. */
function draft({ cause, confidence, evidence, toCheck, toRun, missing, others, window }: Facts): string {
  const looked = window === null ? [] : [`Looked at ${window.words === null ? '' : `"${window.words}": `}${window.from ?? 'the beginning'} to ${window.to ?? 'now'}.`];
  const head = cause === null ? '**The cause is not known.** No line proves one.' : `**${cause.title}.** ${cause.meaning} ${CONFIDENCE[confidence]}`;
  return [
    head,
    ...looked,
    ...section('Evidence', evidence.map(({ link, text, why }) => `- [${link}](${link}) ${why} ${code(text.slice(0, SHOWN_IN_TEXT))}`)),
    ...section('To check', toCheck.map((each) => `- ${each}`)),
    ...section('To run yourself', toRun.map(({ command, why }) => `- ${code(command)}: ${why}`)),
    ...section('Missing', missing.map((each) => `- ${each}`)),
    ...section('Other failures that fit the question less', others.map(({ title, link }) => `- ${title} ([${link}](${link}))`)),
  ].join('\n\n');
}

const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [`${title}:`, lines.join('\n')]);
