// A report in words: drafted from its findings, or a model's, held against the figures.
import { isPivoError } from '../contract/failures.ts';
import type { ExplainedReport, TuningReport } from '../contract/tuning.ts';
import type { TextWriter } from '../contract/writer.ts';
import { timeText } from './rules/rule.ts';

const INSTRUCTIONS = `Explain to a data engineer what slowed this Spark application down and what to change, in Markdown, in at most 250 words, worst first.
Use only figures that stand in the facts, written as they stand in "says", "change" and "effects". Name no property that is not in "properties", and give it no other value. Where there are no findings, say that nothing needs to change.`;

/** What PIVO itself says of a report. */
export function drafted({ findings, totals }: TuningReport): string {
  if (findings.length === 0) return 'Nothing to change: no figure of this application is beyond its threshold.';
  const parts = findings.map(({ rule, stage, says, change, effect }) => `**${rule}**${stage === null ? '' : ` (${stage.link})`}: ${says} ${change}${effect === null ? '' : ` ${effectText(effect)}`}`);
  return `The application took ${timeText(totals.milliseconds)}.\n\n${parts.join('\n\n')}`;
}

const effectText = ({ low, high, unit, assumption }: NonNullable<TuningReport['findings'][number]['effect']>): string => `Expected to save ${timeText(low)} to ${timeText(high)}${unit === 'ms' ? '' : ' of held slots'}. ${assumption}`;

/** With the writer's explanation; with the drafted one, and a note, where the writer's claims what the figures do not hold. */
export async function explained(report: TuningReport, writer: TextWriter | undefined, signal: AbortSignal): Promise<ExplainedReport> {
  const own: ExplainedReport = { ...report, explanation: drafted(report), writtenBy: 'pivo' };
  if (writer === undefined) return own;
  const without = (why: string): ExplainedReport => ({ ...own, notes: [...own.notes, `The text of ${writer.name} was not used: ${why}.`] });
  try {
    const text = (await writer.write({ instructions: INSTRUCTIONS, facts: factsOf(report) }, signal)).trim();
    const wrong = objection(text, report);
    return wrong === null ? { ...own, explanation: text, writtenBy: writer.name } : without(wrong);
  } catch (error) {
    signal.throwIfAborted();
    if (!isPivoError(error)) throw error;
    return without(error.message);
  }
}

function factsOf(report: TuningReport): object {
  const { application, findings, setAside, notes, totals } = report;
  return {
    application: { name: application.name, spark: application.spark, took: timeText(totals.milliseconds) },
    findings: findings.map(({ rule, severity, says, stage, change, properties, effect }) => ({ rule, severity, says, stage: stage?.link ?? null, change, properties: properties.map(({ name, value, was }) => ({ name, value, was })), effects: effect === null ? null : effectText(effect) })),
    setAside,
    notes,
  };
}

const NUMBER = /\d+(?:[.,]\d+)*/g;
const PROPERTY = /\bspark(?:\.[A-Za-z][A-Za-z0-9]*)+/g;
const numbersIn = (text: string): string[] => (text.match(NUMBER) ?? []).map((number) => number.replaceAll(',', ''));

/** What a text claims that the report does not hold; null where it keeps to it. */
export function objection(text: string, report: TuningReport): string | null {
  if (text === '') return 'it was empty';
  const known = `${JSON.stringify(factsOf(report))} ${drafted(report)}`;
  const properties = new Set(known.match(PROPERTY));
  const property = (text.match(PROPERTY) ?? []).find((name) => !properties.has(name));
  if (property !== undefined) return `it names ${property}, which no finding is about`;
  const numbers = new Set(numbersIn(known));
  const withoutOrdinals = text.replaceAll(/^\s*\d+[.)]\s/gm, '');
  const number = numbersIn(withoutOrdinals).find((each) => !numbers.has(each));
  return number === undefined ? null : `${number} is no figure of the report`;
}
