// Wishes for documentation of what a repository's files do.
import { paragraphs, textOf } from '../markdown.ts';
import { asked, type Question, type Words } from '../question.ts';
import { cutNote, objectOf, repositoryNamed } from '../results.ts';
import { use, type Script } from '../script.ts';

function* document({ repo = '', file, point }: Words): Script {
  const repository = yield* repositoryNamed(repo);
  const value = yield* use('generate_documentation', { repository, ...(file === undefined ? {} : { path: file.replaceAll(/["']/g, '') }), ...(point === undefined ? {} : { point }) });
  return paragraphs(textOf(objectOf(value)['content']), cutNote(value));
}

const WISH = '(?:document|(?:write|generate|make)(?: the)? (?:documentation|docs) (?:for|of|about))';
const THING = '(?:the )?(?:data )?(?:pipelines?|jobs?|code|workflows?|dags?)';

export const PIPELINES: readonly Question[] = [
  { example: 'document the pipeline in REPO (or: document FILE in REPO at POINT)', patterns: [
    asked(`${WISH} ${THING} (?:in|of) {repo}(?: (?:at|as of|from) {point})?`),
    asked(`${WISH} {file} (?:in|of) {repo}(?: (?:at|as of|from) {point})?`),
    asked(`${WISH} {repo}(?: (?:at|as of|from) {point})?`),
  ], script: document },
];
