// Questions about why something failed.
import type { Question, Words } from '../question.ts';
import { objectOf } from '../results.ts';
import { textOf } from '../markdown.ts';
import { use, type Script } from '../script.ts';

function* why({ question = '' }: Words): Script {
  return textOf(objectOf(yield* use('debug', { question }))['text']);
}

const FAILS = String.raw`(?:fail|crash|break|broke|die|stop|hang|hung|abort|cancel|error|go wrong|went wrong|time ?out|timed out|stuck|reject|refuse|killed|not (?:work|start|run|finish)|red\b)`;

export const FAILURES: readonly Question[] = [
  {
    example: "why did last night's restore fail?",
    verbatim: true,
    patterns: [
      new RegExp(String.raw`^\s*(?:please )?(?<question>why\b.{0,1900}?\b${FAILS}.{0,1900}?)\s*$`, 'is'),
      new RegExp(String.raw`^\s*(?:please )?(?<question>what (?:went wrong|is wrong|was wrong|caused|made|broke|crashed|killed|is the cause)\b.{0,1900}?)\s*$`, 'is'),
      /^\s*(?:please )?(?:debug|diagnose|explain the failure of):? (?<question>\S.{0,1900}?)\s*$/is,
    ],
    script: why,
  },
];
