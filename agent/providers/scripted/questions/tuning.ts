// Questions about what slowed a Spark application down.
import { fenced, paragraphs, textOf } from '../markdown.ts';
import { asked, type Question, type Words } from '../question.ts';
import { objectOf } from '../results.ts';
import { use, type Script } from '../script.ts';

function* tuning({ file }: Words): Script {
  const report = objectOf(yield* use('optimize_resources', file === undefined ? {} : { application: file }));
  const { submit } = report;
  return paragraphs(textOf(report['explanation']), typeof submit === 'string' ? fenced(submit) : undefined);
}

const APPLICATION = '(?:the )?(?:last )?(?:spark )?(?:application|app|job)';

export const TUNING: readonly Question[] = [
  { example: 'what slowed Spark application APPLICATION down?', patterns: [
    asked(`what (?:slowed|slows|made slow) ${APPLICATION} {file}(?: down)?`),
    asked(`(?:optimi[sz]e|tune) (?:the )?(?:resources of )?${APPLICATION}(?: {file})?`),
  ], script: tuning },
];
