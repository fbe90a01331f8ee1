// Questions about who did what: authors, files, periods.
import { sqlText } from '../../../../operations/rows.ts';
import { counted, fenced, paragraphs, shortHash, table, textOf } from '../markdown.ts';
import { asked, type Question, type Words } from '../question.ts';
import { cutNote, likeText, listOf, objectOf, repositoryFilter, rowsOf, type Row } from '../results.ts';
import { ToolFailed, type Script } from '../script.ts';
import { whenFilter } from '../times.ts';

/** The filter of a period. Fails when its words are not understood. */
export function period(when: string | undefined, column: string): string {
  const filter = whenFilter(when, column);
  if (filter === null) throw new ToolFailed(`I do not understand the time "${when}".`, 'Write `last month`, `last 30 days`, `since 2026-01-01`, `between 2026-01-01 and 2026-01-31`, `in October 2026`.');
  return filter;
}

function* whoChanged({ file = '', repo, when }: Words): Script {
  const filter = period(when, 'm.committed_at');
  const { where } = yield* repositoryFilter(repo, 'c.repo_name');
  const path = file.replaceAll(/^["'.]*\/|["']/g, '');
  const rows = yield* rowsOf(
    `SELECT c.repo_name, m.committed_at, m.author_name, m.author_email, c.status, m.subject, c.path, m.commit_hash, m.parents FROM changes c JOIN commits m USING (repo_name, commit_hash) WHERE c.path IN (SELECT path FROM path_search WHERE path = ${sqlText(path)} OR path LIKE ${likeText('%/', path, '')})${where}${filter} ORDER BY m.commit_time DESC, m.commit_hash LIMIT 50`,
  );
  const [latest] = rows;
  if (latest === undefined) return `Nobody changed ${path}${repo === undefined ? '' : ` in ${repo}`}${when === undefined ? '' : ` ${when}`}, as far as the index knows.`;
  const people = [...new Set(rows.map(({ author_name: name }) => textOf(name)))];
  const shown = rows.map(({ repo_name: repository, committed_at: time, author_name: author, status, subject, path, commit_hash: hash }) => ({ repository, time, author, status, subject, path, commit: shortHash(hash) }));
  return paragraphs(`${counted(rows.length, 'commit')}${rows.length === 50 ? ' (the latest)' : ''} changed ${path}${when === undefined ? '' : ` ${when}`}, by ${people.slice(0, 10).join(', ')}${people.length > 10 ? ', …' : ''}.`, table(shown), yield* whyOf(latest));
}

const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The message and the diff of a commit; only what is told where the archive lacks a side. */
function* whyOf({ repo_name: repository, commit_hash: hash, path, parents }: Row): Script<string | undefined> {
  const [commit, parent] = [textOf(hash), textOf(parents).split(' ')[0] ?? ''];
  if (!HASH.test(commit) || !HASH.test(parent)) return undefined;
  try {
    const [log, diff] = yield [
      { name: 'get_history', arguments: { repository, point: commit, path, limit: 1 } },
      { name: 'get_file_diff', arguments: { repository, from: parent, to: commit, path } },
    ];
    const [said] = listOf(objectOf(log?.value)['commits']);
    return paragraphs(`The latest, ${shortHash(commit)}, says:`, fenced([said?.['subject'], said?.['body']].filter(Boolean).join('\n\n')), diffText(diff?.value));
  } catch (error) {
    if (error instanceof ToolFailed) return `The latest cannot be shown: ${error.message}`;
    throw error;
  }
}

/** The patches of a diff in a fence, the first of them. */
export function diffText(value: unknown, most = 12_000): string {
  const text = listOf(objectOf(value)['files']).map(({ patch }) => textOf(patch)).join('');
  if (text === '') return 'There is no difference.';
  return paragraphs(fenced(text.slice(0, most), 'diff'), text.length > most ? 'This is the beginning of the difference only.' : cutNote(value));
}

function* authors({ repo, when }: Words): Script {
  const filter = period(when, 'committed_at');
  const { name, where } = yield* repositoryFilter(repo);
  const rows = yield* rowsOf(`SELECT author_name AS author, author_email AS email, count(DISTINCT commit_hash) AS commits, min(committed_at) AS first, max(committed_at) AS last FROM commits WHERE true${where}${filter} GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 50`);
  return rows.length === 0 ? 'Nobody, as far as the index knows.' : paragraphs(`Authors${name === undefined ? '' : ` of ${name}`}, by their commits:`, table(rows));
}

const byPerson = (person: string): string => ` AND (author_name LIKE ${likeText('%', person, '%')} OR author_email LIKE ${likeText('%', person, '%')})`;

function* workOf({ person = '', repo, when }: Words): Script {
  const filter = period(when, 'committed_at');
  const { where } = yield* repositoryFilter(repo);
  const rows = yield* rowsOf(`SELECT repo_name AS repository, committed_at AS time, author_name AS author, subject, files_changed AS files, substr(commit_hash, 1, 12) AS "commit" FROM commits WHERE true${where}${filter}${byPerson(person)} ORDER BY commit_time DESC, commit_hash LIMIT 50`);
  return rows.length === 0 ? `There is no commit by ${person}${when === undefined ? '' : ` ${when}`}.` : paragraphs(`The latest commits by ${person}${when === undefined ? '' : ` ${when}`}:`, table(rows));
}

function* commitCount({ person, repo, when }: Words): Script {
  const filter = period(when, 'committed_at');
  const { where } = yield* repositoryFilter(repo);
  const [row] = yield* rowsOf(`SELECT count(DISTINCT commit_hash) AS n FROM commits WHERE true${where}${filter}${person === undefined ? '' : byPerson(person)}`);
  return `${person === undefined ? 'There were' : `${person} made`} **${counted(Number(row?.['n'] ?? 0), 'commit')}**${repo === undefined ? '' : ` in ${repo}`}${when === undefined ? '' : ` ${when}`}.`;
}

export const PEOPLE: readonly Question[] = [
  { example: 'who changed FILE in REPO last month? (since 2026-01-01, last 30 days, in October 2026, …)', patterns: [asked('who (?:changed|touched|edited|modified|wrote)(?: to)? {file}(?: (?:in|of) {repo})?(?: {when})?'), asked('who (?:changed|touched|edited|modified) {file} {when} (?:in|of) {repo}')], script: whoChanged },
  { example: 'who contributed to REPO?', patterns: [asked('who (?:contributed|committed|works|worked|made (?:the )?(?:most )?commits?)(?: most| the most)?(?: (?:to|on|in) {repo})?(?: {when})?'), asked('(?:who are|list|show)?(?: me)?(?: all)?(?: the)? ?(?:top |most active )?(?:authors|contributors|committers)(?: (?:of|in|for) {repo})?(?: {when})?'), asked('who is (?:the )?most active(?: author| contributor)?(?: (?:of|in|for) {repo})?(?: {when})?')], script: authors },
  { example: 'how many commits did PERSON make in REPO last year?', patterns: [asked('how many commits (?:did|has) {person} (?:make|made|write|do)(?: (?:in|to) {repo})?(?: {when})?'), asked('how many commits (?:were|was) (?:there|made)(?: (?:in|to) {repo})? {when}')], script: commitCount },
  { example: 'what did PERSON change in REPO last week?', patterns: [asked('what did {person} (?:change|do|commit|write|work on)(?: (?:in|to) {repo})?(?: {when})?'), asked('(?:list |show )?(?:me )?(?:the )?(?:commits|changes|work) (?:by|of|from) author {person}(?: (?:in|to) {repo})?(?: {when})?'), asked('(?:list |show )?(?:me )?(?:the )?commits by {person}(?: (?:in|to) {repo})?(?: {when})?')], script: workOf },
];
