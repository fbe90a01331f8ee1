// Wishes for a command line.
import { fenced, paragraphs, textOf } from '../markdown.ts';
import type { Question, Words } from '../question.ts';
import { listOf, objectOf } from '../results.ts';
import { use, type Script } from '../script.ts';

function* command({ request = '' }: Words): Script {
  const found = objectOf(yield* use('generate_shell_command', { request }));
  const missing = (Array.isArray(found['missing']) ? found['missing'] : []).map(String);
  const failed = listOf(found['checks']).filter(({ outcome }) => outcome === 'failed').map(({ name, says }) => `${String(name)}: ${String(says)}`);
  return paragraphs(
    textOf(found['explanation']),
    fenced(textOf(found['command'])),
    `Risk: **${textOf(found['risk'])}**, ${textOf(found['riskWhy'])}.`,
    missing.length === 0 ? undefined : `Fill in ${missing.map((each) => `\`${each}\``).join(', ')} first.`,
    failed.length === 0 ? undefined : `A check failed: ${failed.join('; ')}.`,
  );
}

export const SHELL: readonly Question[] = [
  { example: 'what is the command to find files larger than 100 MB in /var/log?', verbatim: true, patterns: [/^\s*(?:please )?(?:what(?: i|')s|give me|show me|write(?: me)?|i need|generate) (?:the|a|an) (?:shell |bash |git |hdfs |kafka |spark |temporal )?(?:command|one-?liner)(?: line)? (?:to|that|for|which) (?<request>\S.{0,1900}?)\s*\??\s*$/i], script: command },
];
