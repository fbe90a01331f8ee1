// Questions about what is backed up: repositories, visits, refs, sizes.
import { sqlText } from '../../../../operations/rows.ts';
import { counted, paragraphs, table, textOf } from '../markdown.ts';
import { asked, type Question, type Words } from '../question.ts';
import { cutNote, listOf, objectOf, repositoryFilter, repositoryNamed, rowsOf } from '../results.ts';
import { use, type Script } from '../script.ts';

function* backedUp(): Script {
  const rows = yield* rowsOf(`SELECT repo_name AS repository, max(visit) AS visits, time AS "last visit", (SELECT count(*) FROM commits c WHERE c.repo_name = v.repo_name) AS commits, refs, origin FROM visits v GROUP BY repo_name ORDER BY repo_name`);
  return rows.length === 0 ? 'Nothing is backed up yet. `back up URL` starts a backup.' : paragraphs(`${counted(rows.length, 'repository is', 'repositories are')} backed up.`, table(rows));
}

const COUNTED: Record<string, string> = {
  commits: 'SELECT count(DISTINCT commit_hash) AS n FROM commits WHERE true',
  merges: "SELECT count(DISTINCT commit_hash) AS n FROM commits WHERE parents LIKE '% %'",
  authors: 'SELECT count(DISTINCT author_email) AS n FROM commits WHERE true',
  repositories: 'SELECT count(DISTINCT repo_name) AS n FROM visits WHERE true',
  visits: 'SELECT count(*) AS n FROM visits WHERE true',
  restores: 'SELECT count(*) AS n FROM restores WHERE true',
  branches: "SELECT count(*) AS n FROM visit_refs WHERE ref_name GLOB 'refs/heads/*' AND (repo_name, visit) IN (SELECT repo_name, max(visit) FROM visits GROUP BY 1)",
  tags: "SELECT count(*) AS n FROM visit_refs WHERE ref_name GLOB 'refs/tags/*' AND (repo_name, visit) IN (SELECT repo_name, max(visit) FROM visits GROUP BY 1)",
  refs: 'SELECT count(*) AS n FROM visit_refs WHERE (repo_name, visit) IN (SELECT repo_name, max(visit) FROM visits GROUP BY 1)',
};
const SAME: Record<string, string> = { backups: 'visits', contributors: 'authors', people: 'authors', developers: 'authors', repos: 'repositories' };

function* howMany({ what = '', repo }: Words): Script {
  const thing = SAME[what.toLowerCase()] ?? what.toLowerCase();
  const { name, where } = yield* repositoryFilter(repo);
  if (thing === 'files') return name === undefined ? 'Name a repository: `how many files does REPO have`.' : yield* fileCount(name);
  const [row] = yield* rowsOf(`${COUNTED[thing]}${where}`);
  const count = Number(row?.['n'] ?? 0);
  const one = thing === 'repositories' ? 'repository' : thing.replace(/(?<=ch)es$|s$/, '');
  return `${name ?? 'The archive'} has **${counted(count, one, thing)}**.`;
}

function* fileCount(name: string): Script {
  const [row] = yield* rowsOf(`SELECT checkout_files AS n FROM visits WHERE repo_name = ${sqlText(name)} AND checkout_kind <> 'none' AND checkout_commit = head_commit AND visit = (SELECT max(visit) FROM visits WHERE repo_name = ${sqlText(name)})`);
  if (row !== undefined) return `${name} has **${counted(Number(row['n']), 'file')}** as of its last visit.`;
  const listing = yield* use('list_files', { repository: name, recursive: true, limit: 2000 });
  if (cutNote(listing) !== undefined) return `${name} has more files than can be counted here; \`pivo ls ${name} --recursive\` lists them.`;
  return `${name} has **${counted(listOf(objectOf(listing)['entries']).filter(({ type }) => type === 'blob').length, 'file')}** as of its last visit.`;
}

function* largest(): Script {
  const rows = yield* rowsOf('SELECT repo_name AS repository, pack_bytes AS "bytes in packs", packs, max(visit) AS visits FROM visits GROUP BY repo_name ORDER BY pack_bytes DESC, repo_name LIMIT 20');
  return rows.length === 0 ? 'Nothing is backed up yet.' : paragraphs('Repositories by the bytes of the packs that their last state needs:', table(rows));
}

function* visitsOf({ repo }: Words): Script {
  const { name, where } = yield* repositoryFilter(repo);
  const rows = yield* rowsOf(`SELECT repo_name AS repository, visit, time, outcome, refs, new_bytes AS "new bytes", refs_created AS created, refs_updated AS updated, refs_forced AS forced, refs_deleted AS deleted FROM visits WHERE true${where} ORDER BY time DESC, repo_name, visit DESC LIMIT 20`);
  return rows.length === 0 ? 'There are no visits yet.' : paragraphs(`The latest visits${name === undefined ? '' : ` of ${name}`}:`, table(rows));
}

function* lastBackup({ repo }: Words): Script {
  const { name, where } = yield* repositoryFilter(repo);
  const [row] = yield* rowsOf(`SELECT visit, time, outcome FROM visits WHERE true${where} ORDER BY visit DESC LIMIT 1`);
  return `${name} was last backed up at **${textOf(row?.['time'])}**, visit ${textOf(row?.['visit'])} (${textOf(row?.['outcome'])}).`;
}

function* movedRefs({ repo }: Words): Script {
  const { name, where } = yield* repositoryFilter(repo, 'v.repo_name');
  const rows = yield* rowsOf(
    `SELECT v.repo_name AS repository, v.visit, v.time, p.ref_name AS ref, CASE WHEN n.ref_name IS NULL THEN 'deleted' ELSE 'moved' END AS what, p.object AS before, n.object AS after FROM visits v JOIN visit_refs p ON p.repo_name = v.repo_name AND p.visit = v.visit - 1 LEFT JOIN visit_refs n ON n.repo_name = v.repo_name AND n.visit = v.visit AND n.ref_name = p.ref_name WHERE ((n.ref_name IS NULL AND v.refs_deleted > 0) OR (n.object <> p.object AND v.refs_forced > 0))${where} ORDER BY v.time DESC, p.ref_name LIMIT 50`,
  );
  if (rows.length === 0) return `No visit${name === undefined ? '' : ` of ${name}`} found a forced push or a deleted ref.`;
  return paragraphs('Refs that were deleted, or moved in a visit that found a forced push; what they were before is still in the archive:', table(rows));
}

function* refsOf({ what = 'refs', repo = '' }: Words): Script {
  const name = yield* repositoryNamed(repo);
  const kind = what.toLowerCase();
  const glob = kind === 'branches' ? 'refs/heads/*' : kind === 'tags' ? 'refs/tags/*' : '*';
  const rows = yield* rowsOf(`SELECT ref_name AS ref, type, commit_hash AS "commit" FROM visit_refs WHERE repo_name = ${sqlText(name)} AND visit = (SELECT max(visit) FROM visits WHERE repo_name = ${sqlText(name)}) AND ref_name GLOB ${sqlText(glob)} ORDER BY ref_name LIMIT 100`);
  return rows.length === 0 ? `${name} has no ${kind}.` : paragraphs(`The ${kind} of ${name} as of its last visit:`, table(rows));
}

const THINGS = '(?<what>commits|merges|authors|contributors|people|developers|files|repositories|repos|visits|backups|restores|branches|tags|refs)';

export const BACKUPS: readonly Question[] = [
  { example: 'what is backed up?', patterns: [asked("(?:what|which)(?: repositories| repos)? (?:is|are|do you have)(?: (?:backed up|archived|in the archive|there))?"), asked('(?:list|show)(?: me)?(?: all)?(?: the)?(?: backed[- ]up)? (?:repositories|repos|backups)'), asked("what(?: i)?s backed up")], script: backedUp },
  { example: 'how many commits does REPO have? (authors, merges, files, branches, tags, visits, …)', patterns: [asked(`how many(?: different)? ${THINGS}(?: (?:are|were) (?:there|backed up|archived))?(?: (?:(?:are )?in|of|does) {repo})?(?: (?:have|has))?`), asked(`how many(?: different)? ${THINGS} (?:have you|do you have|are there|contributed to|worked on)(?: (?:in )?{repo})?`), asked(`(?:count|number of)(?: the)? ${THINGS}(?: (?:in|of) {repo})?`)], script: howMany },
  { example: 'what are the largest repositories?', patterns: [asked('(?:what|which|show|list)?(?: me)?(?: is| are)?(?: the)? ?(?:largest|biggest) (?:repositories|repos|repository|repo)(?: .*)?'), asked('which (?:repository|repo) is (?:the )?(?:largest|biggest)')], script: largest },
  { example: 'when was REPO last backed up?', patterns: [asked('when was {repo} (?:last )?(?:backed up|visited|archived)(?: last)?'), asked('when did you last back up {repo}')], script: lastBackup },
  { example: 'show the latest visits of REPO', patterns: [asked('(?:what|which|show|list)?(?: me)?(?: are| were)?(?: the)? ?(?:latest|last|recent|newest|all)?(?: the)? ?(?:visits|backups|backup runs)(?: (?:of|for|in) {repo})?')], script: visitsOf },
  { example: 'were there forced pushes or deleted refs in REPO?', patterns: [asked('.*(?:force[d]?[- ]?push(?:e[ds]|es|ed)?|deleted (?:refs|branches|tags)|refs? (?:was|were) deleted)(?: .*?)??(?: (?:in|of|for|to) {repo})?')], script: movedRefs },
  { example: 'which branches does REPO have? (tags, refs)', patterns: [asked('(?:what|which|list|show)(?: me)?(?: are)?(?: all)?(?: the)? (?<what>branches|tags|refs)(?: are)?(?: (?:of|in|does|there in)) {repo}(?: have| has)?')], script: refsOf },
];
