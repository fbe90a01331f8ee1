// Questions about files: what they hold, where they are, how they came to be.
import { sqlText } from '../../../../operations/rows.ts';
import { counted, fenced, paragraphs, shortHash, table } from '../markdown.ts';
import { asked, type Question, type Words } from '../question.ts';
import { cutNote, likeText, listOf, objectOf, repositoryFilter, repositoryNamed, rowsOf } from '../results.ts';
import { use, type Script } from '../script.ts';

const at = (point: string | undefined): { point?: string } => (point === undefined ? {} : { point });
const asOf = (point: string | undefined): string => (point === undefined ? '' : ` as of ${point}`);

function* showFile({ file = '', repo = '', point }: Words): Script {
  const repository = yield* repositoryNamed(repo);
  const value = yield* use('get_file_content', { repository, path: file, ...at(point) });
  const { content, bytes } = objectOf(value);
  if (typeof content !== 'string') return `${file} in ${repository}${asOf(point)} is no text: ${counted(Number(bytes), 'byte')}.`;
  return paragraphs(`${file} in ${repository}${asOf(point)}:`, fenced(content), cutNote(value));
}

function* listFiles({ file, repo = '', point }: Words): Script {
  const repository = yield* repositoryNamed(repo);
  const path = file ?? '';
  const value = yield* use('list_files', { repository, path, ...at(point), limit: 500 });
  const entries = listOf(objectOf(value)['entries']).map(({ path, type, size }) => ({ path, type, size }));
  return entries.length === 0 ? `There is nothing in ${path === '' ? repository : path}.` : paragraphs(`${counted(entries.length, 'entry', 'entries')} in ${path === '' ? repository : `${path} of ${repository}`}${asOf(point)}:`, table(entries), cutNote(value));
}

function* largestFiles({ repo = '', point }: Words): Script {
  const repository = yield* repositoryNamed(repo);
  const value = yield* use('list_files', { repository, recursive: true, ...at(point), limit: 2000 });
  if (cutNote(value) !== undefined) return `${repository} has more files than can be compared here; \`pivo ls ${repository} --recursive\` lists them with their sizes.`;
  const files = listOf(objectOf(value)['entries']).filter(({ type }) => type === 'blob').sort((a, b) => Number(b['size']) - Number(a['size']));
  return files.length === 0 ? `${repository} has no files.` : paragraphs(`The largest files of ${repository}${asOf(point)}:`, table(files.slice(0, 20).map(({ path, size }) => ({ path, bytes: size }))));
}

function* history({ file, repo = '', point, count }: Words): Script {
  const repository = yield* repositoryNamed(repo);
  const value = yield* use('get_history', { repository, ...(file === undefined ? {} : { path: file }), ...at(point), limit: Math.min(Number(count ?? 20), 50) });
  const rows = listOf(objectOf(value)['commits']).map(({ hash, author, committer, subject }) => ({ commit: shortHash(hash), time: instantOf(objectOf(committer)['time']), author: objectOf(author)['name'], subject }));
  return rows.length === 0 ? `There is no commit that changed ${file ?? repository}.` : paragraphs(`The commits of ${file === undefined ? repository : `${file} in ${repository}`}${asOf(point)}, the newest first:`, table(rows), cutNote(value));
}

/** ISO 8601 of seconds; empty outside what a date can say. */
function instantOf(seconds: unknown): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replace('.000Z', 'Z');
}

function* findFiles({ file = '', repo }: Words): Script {
  const { where } = yield* repositoryFilter(repo);
  const rows = yield* rowsOf(`SELECT repo_name AS repository, path, count(*) AS commits, max(committed_at) AS "last changed" FROM changes WHERE path IN (SELECT path FROM path_search WHERE path LIKE ${likeText('%', file.replaceAll(/["']/g, ''), '%')})${where} GROUP BY 1, 2 ORDER BY 4 DESC, 2 LIMIT 50`);
  return rows.length === 0 ? `No commit changed a path with ${file} in it.` : paragraphs(`Paths with ${file} in them:`, table(rows));
}

function* mostChanged({ repo = '' }: Words): Script {
  const name = yield* repositoryNamed(repo);
  const rows = yield* rowsOf(`SELECT path, count(*) AS commits, max(committed_at) AS "last changed" FROM changes WHERE repo_name = ${sqlText(name)} GROUP BY path ORDER BY 2 DESC, 1 LIMIT 20`);
  return rows.length === 0 ? `${name} has no changes.` : paragraphs(`The files of ${name} that most commits changed:`, table(rows));
}

const AT_POINT = '(?: (?:at|as of|from|before|in) {point})?';

export const FILES: readonly Question[] = [
  { example: 'what are the largest files of REPO?', patterns: [asked(`(?:what|which|show|list)?(?: me)?(?: is| are)?(?: the)? ?(?:largest|biggest) files? (?:of|in) {repo}${AT_POINT}`)], script: largestFiles },
  { example: 'which files of REPO change most often?', patterns: [asked('(?:what|which|show|list)?(?: me)?(?: are)?(?: the)? ?(?:most (?:often |frequently )?changed|hottest) files? (?:of|in) {repo}'), asked('(?:what|which) files (?:of|in) {repo} (?:change|changed|were changed)(?: the)? most(?: often)?')], script: mostChanged },
  { example: 'list the files of FOLDER in REPO at POINT', patterns: [asked(`(?:list|show)(?: me)?(?: all)?(?: the)? files (?:of|in|below|under) {file} (?:in|of) {repo}${AT_POINT}`), asked(`(?:list|show|what are)(?: me)?(?: all)?(?: the)? files (?:of|in) {repo}${AT_POINT}`), asked(`(?:what|which) files (?:are (?:there )?in|does) {repo}(?: have| has)?${AT_POINT}`)], script: listFiles },
  { example: 'show the history of FILE in REPO', patterns: [asked('(?:show|list|what is)?(?: me)?(?: the)? ?(?:history|log) (?:of|for) {file} (?:in|of) {repo}(?: (?:at|as of) {point})?'), asked('(?:show|list|what is)?(?: me)?(?: the)? ?(?:history|log) (?:of|for) {repo}(?: (?:at|as of) {point})?'), asked('(?:show|list|what are)?(?: me)?(?: the)? ?(?:last|latest) (?<count>\\d{1,3}) commits (?:of|in) {repo}')], script: history },
  { example: 'where is FILE in REPO?', patterns: [asked('(?:where is|find|locate) {file}(?: in {repo})?'), asked('(?:find|list|which|show)(?: me)?(?: all)?(?: the)? ?(?:files|paths) (?:are )?(?:named|called|with|like|matching) {file}(?: in {repo})?')], script: findFiles },
  { example: 'show FILE in REPO at POINT', patterns: [asked('(?:show|cat|print|read|display|open|get|what is in|what was in)(?: me)? {file} (?:in|of|from) {repo}(?: (?:at|as of|from|in) {point})?'), asked('what (?:does|did) {file} (?:in|of) {repo} (?:say|hold|contain)(?: (?:at|as of) {point})?')], script: showFile },
];
