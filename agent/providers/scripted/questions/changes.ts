// Questions about what changed: between points, in a period, in a commit, in messages.
import { sqlText } from '../../../../operations/rows.ts';
import { counted, fenced, paragraphs, shortHash, table, textOf } from '../markdown.ts';
import { asked, type Question, type Words } from '../question.ts';
import { listOf, objectOf, repositoryFilter, repositoryNamed, rowsOf } from '../results.ts';
import { use, ToolFailed, type Script } from '../script.ts';
import { diffText, period } from './people.ts';

/** A point as the tools take it: `visit 3` is the HEAD that this visit found. */
function* pointOf(repository: string, text: string): Script {
  const visit = /^visit[ #]*(\d+)$/i.exec(text)?.[1];
  if (visit === undefined) return text.replace(/^(?:the )?(?:commit|tag|branch|version|snapshot) /i, '');
  const [row] = yield* rowsOf(`SELECT head_commit FROM visits WHERE repo_name = ${sqlText(repository)} AND visit = ${visit}`);
  if (typeof row?.['head_commit'] === 'string') return row['head_commit'];
  throw new ToolFailed(`${repository} has no visit ${visit} with a commit.`, `\`show the visits of ${repository}\` lists them.`);
}

function* between({ repo = '', from = '', to = '', file }: Words): Script {
  const repository = yield* repositoryNamed(repo);
  const [a, b] = [yield* pointOf(repository, from), yield* pointOf(repository, to)];
  const value = yield* use('get_file_diff', { repository, from: a, to: b, ...(file === undefined ? {} : { path: file }) });
  const files = listOf(objectOf(value)['files']).map(({ status, path, added, deleted }) => ({ status, path, added, deleted }));
  return paragraphs(`From ${from} to ${to}, ${repository} changed in ${counted(files.length, 'file')}${files.length === 0 ? '.' : ':'}`, files.length === 0 ? undefined : table(files.slice(0, 100)), diffText(value));
}

function* changedIn({ repo, when }: Words): Script {
  const filter = period(when, 'committed_at');
  const { name, where } = yield* repositoryFilter(repo);
  const rows = yield* rowsOf(`SELECT repo_name AS repository, committed_at AS time, author_name AS author, subject, files_changed AS files, substr(commit_hash, 1, 12) AS "commit" FROM commits WHERE true${where}${filter} ORDER BY commit_time DESC, commit_hash LIMIT 50`);
  return rows.length === 0 ? `There is no commit${when === undefined ? '' : ` ${when}`}.` : paragraphs(`The latest commits${name === undefined ? '' : ` of ${name}`}${when === undefined ? '' : ` ${when}`}:`, table(rows));
}

function* commit({ hash = '', repo }: Words): Script {
  const { where } = yield* repositoryFilter(repo);
  const found = yield* rowsOf(`SELECT repo_name, commit_hash, author_name, committed_at, subject, body, parents FROM commits WHERE commit_hash GLOB '${hash.toLowerCase()}*'${where} LIMIT 20`);
  const [row] = found;
  if (row === undefined) return `The index knows no commit ${hash}.`;
  if (new Set(found.map(({ commit_hash: each }) => each)).size > 1) return paragraphs(`Several commits begin with ${hash}:`, table(found.map(({ repo_name: repository, commit_hash: commit, subject }) => ({ repository, commit, subject }))));
  const [name, id, parent] = [textOf(row['repo_name']), textOf(row['commit_hash']), textOf(row['parents']).split(' ')[0] ?? ''];
  const paths = yield* rowsOf(`SELECT status, path FROM changes WHERE repo_name = ${sqlText(name)} AND commit_hash = ${sqlText(id)} ORDER BY path LIMIT 100`);
  const head = `Commit ${id} of ${name}, by ${textOf(row['author_name'])} at ${textOf(row['committed_at'])}:`;
  const diff = parent === '' ? undefined : yield* use('get_file_diff', { repository: name, from: parent, to: id });
  return paragraphs(head, fenced([row['subject'], row['body']].filter(Boolean).join('\n\n')), paths.length === 0 ? undefined : table(paths), diff === undefined ? 'It is the first of its history.' : diffText(diff));
}

function* search({ words = '', repo }: Words): Script {
  const { where } = yield* repositoryFilter(repo);
  const terms = words.match(/[\p{L}\p{N}_]+/gu) ?? [];
  const match = /^["'].*["']$/.test(words) ? `"${terms.join(' ')}"` : terms.map((term) => `"${term}"`).join(' AND ');
  if (terms.length === 0) return 'Name the words to search for.';
  const rows = yield* rowsOf(`SELECT repo_name AS repository, timestamp AS time, author, subject, substr(commit_hash, 1, 12) AS "commit" FROM message_search WHERE query MATCH ${sqlText(match)}${where} ORDER BY rank LIMIT 30`);
  return rows.length === 0 ? `No message holds ${words}.` : paragraphs(`Commits whose message holds ${words}, the best first:`, table(rows));
}

function* edgeCommit({ which = '', repo = '' }: Words): Script {
  const name = yield* repositoryNamed(repo);
  const order = /first|oldest/i.test(which) ? 'ASC' : 'DESC';
  const [row] = yield* rowsOf(`SELECT commit_hash, committed_at, author_name, subject FROM commits WHERE repo_name = ${sqlText(name)} AND commit_time IS NOT NULL ORDER BY commit_time ${order}, commit_hash LIMIT 1`);
  if (row === undefined) return `${name} has no commits.`;
  return paragraphs(`The ${which.toLowerCase()} commit of ${name} is **${shortHash(row['commit_hash'])}**:`, table([{ commit: row['commit_hash'], time: row['committed_at'], author: row['author_name'], subject: row['subject'] }]));
}

const PERIODS: Record<string, string> = { day: '%Y-%m-%d', month: '%Y-%m', year: '%Y' };

function* perPeriod({ unit = '', repo }: Words): Script {
  const { name, where } = yield* repositoryFilter(repo);
  const rows = yield* rowsOf(`SELECT strftime('${PERIODS[unit.toLowerCase()]}', commit_time, 'unixepoch') AS ${unit.toLowerCase()}, count(DISTINCT commit_hash) AS commits FROM commits WHERE commit_time IS NOT NULL${where} GROUP BY 1 ORDER BY 1 DESC LIMIT 60`);
  return rows.length === 0 ? 'There are no commits.' : paragraphs(`Commits per ${unit.toLowerCase()}${name === undefined ? '' : ` of ${name}`}, the latest first:`, table(rows));
}

const FROM_TO = String.raw`(?:between|from) (?<from>(?:visit |commit |tag |branch )?\S+) (?:and|to) (?<to>(?:visit |commit |tag |branch )?\S+)`;

/** Asked before others: they name points. */
export const POINTS: readonly Question[] = [
  { example: 'what changed in REPO between A and B? (commits, tags, branches, dates, `visit 3`)', patterns: [asked(`(?:what (?:has )?changed|what is different|diff|compare|show(?: me)?(?: the)? (?:diff|differences|changes))(?: of| to)?(?: {file})?? (?:in|of) {repo} ${FROM_TO}`), asked(`(?:what (?:has )?changed|what is different|show(?: me)?(?: the)? (?:diff|differences|changes)) ${FROM_TO} (?:in|of) {repo}`), asked(`(?:diff|compare) {repo} ${FROM_TO}`)], script: between },
  { example: 'what did commit HASH change?', patterns: [asked('(?:show|explain|describe|what is(?: in)?|what did|what changed in)(?: me)? (?:the )?commit (?<hash>[0-9a-f]{4,64})(?: change| do)?(?: (?:in|of) {repo})?(?: change| do)?')], script: commit },
];

export const CHANGES: readonly Question[] = [
  { example: 'what changed in REPO last week?', patterns: [asked('what(?: has| was)? (?:changed|happened|new|committed|done)(?: (?:in|to) {repo})?(?: {when})?'), asked('(?:list |show )?(?:me )?(?:the )?(?:latest |last |recent |newest )?(?:commits|changes)(?: (?:in|of|to) {repo})?(?: {when})?')], script: changedIn },
  { example: 'which commits mention retry in REPO?', patterns: [asked(String.raw`(?:search|find|look for|which|what|show|list)(?: me)?(?: all)?(?: the)? ?(?:commits?|messages|commit messages)?(?: messages)? (?:for|about|mention(?:ing)?|with|that mention|contain(?:ing)?|saying) (?<words>["'][^"']+["']|.+?)(?: in {repo})?`)], script: search },
  { example: 'what is the first commit of REPO? (last)', patterns: [asked('(?:what|which|show|who made|who wrote)(?: me)?(?: is| was)?(?: the)? (?<which>first|oldest|last|latest|newest) commit (?:of|in|to) {repo}')], script: edgeCommit },
  { example: 'how many commits per month in REPO? (day, year)', patterns: [asked('(?:how many |show |list |count )?(?:me )?(?:the )?commits (?:per|by|each|a) (?<unit>day|month|year)(?: (?:of|in|for|were made in) {repo})?')], script: perPeriod },
];
