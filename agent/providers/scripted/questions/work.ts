// Wishes for work and questions about it: backups, restores, jobs, approvals, the audit log, SQL.
import { counted, fenced, paragraphs, shortHash, table, textOf } from '../markdown.ts';
import { asked, type Question, type Words } from '../question.ts';
import { listOf, objectOf, repositoryFilter, cutNote, repositoryNamed, rowsOf, tableOf, type Row } from '../results.ts';
import { use, type Script } from '../script.ts';

function* backUp({ url = '', name }: Words): Script {
  const value = objectOf(yield* use('submit_ingest_job', { url, ...(name === undefined ? {} : { name }) }));
  const id = textOf(value['workflowId']);
  const waits = approvalOf(value);
  if (waits !== undefined) return paragraphs(`The backup of ${url} is asked for.`, waits);
  return `The backup of ${textOf(value['repository'])} ${value['joined'] === true ? 'runs already' : 'has started'} as job \`${id}\`. Ask \`status of ${id}\` how it is.`;
}

/** How a person approves what waits for it. */
function approvalOf({ approval_required: required, approve_with: command }: Row): string | undefined {
  return required === true ? paragraphs("**It waits for a person's approval.** I cannot approve. To go on:", fenced(textOf(command))) : undefined;
}

/** What follows the repository in a wish to restore: places for the point and for the target, in any order. */
const PLACE = /(?:^| )(?:(?:back )?to|at|as of|from|into|in|onto|on)(?: the)? (?:commit |tag |branch |version |state |snapshot |path |folder |directory )?(\S+)/gi;
const isTarget = (word: string): boolean => /^(?:[./~]|[A-Za-z]:[\\/])|:\/\/|^[\w.-]+@[\w.-]+:|\.git$|\//.test(word) && !word.startsWith('refs/') && !word.startsWith('swh:');

/** The point and the target that the words after the repository name. */
export function restorePlaces(text: string): { point?: string; target?: string } {
  const words = [...text.matchAll(PLACE)].map(([, word = '']) => word.replaceAll(/^["']|["',]+$/g, ''));
  const [target, point] = [words.find(isTarget), words.find((word) => !isTarget(word))];
  return { ...(point === undefined ? {} : { point }), ...(target === undefined ? {} : { target }) };
}

/** What is asked when a restore names no target; the answer to it is understood by this sentence. */
export const WHERE_TO = 'Where should it be restored to?';

function* restore({ repo = '', places = '' }: Words): Script {
  const { point, target } = restorePlaces(places);
  const repository = yield* repositoryNamed(repo);
  if (target === undefined) return `${WHERE_TO} Answer with a URL or a path: \`x.git\` becomes a bare repository, \`x\` a working clone.`;
  const value = objectOf(yield* use('submit_restore_job', { repository, target, ...(point === undefined ? {} : { point }) }));
  const id = textOf(value['restoreId']);
  const plan = objectOf(value['plan']);
  const refs = listOf(plan['refs']).map(({ name, action, old, new: to, reason }) => ({ ref: name, action, from: shortHash(old), to: shortHash(to), reason }));
  return paragraphs(
    `The restore of ${repository}${point === undefined ? '' : ` at ${point}`} to ${target} is planned as \`${id}\`.`,
    refs.length === 0 ? undefined : table(refs.slice(0, 50)),
    approvalOf(value) ?? `It is ${textOf(value['state'])}.`,
  );
}

function* jobStatus({ id = '' }: Words): Script {
  const { workflowId, type, state, started, ended, failure, status, result } = objectOf(yield* use('get_job_status', { id }));
  const more = status ?? result;
  return paragraphs(`Job ${id}:`, table([{ job: workflowId, type, state, started, ended, failure: objectOf(failure)['message'] }]), more === undefined ? undefined : fenced(JSON.stringify(more, null, 2).slice(0, 4000), 'json'));
}

function* runningJobs(): Script {
  yield* [];
  return 'I tell of one job by its id: `status of ingest:REPO`, or of a restore by its own. `pivo jobs` lists all.';
}

function* waiting(): Script {
  const value = yield* use('list_pending_approvals', {});
  const rows = listOf(objectOf(value)['approvals']).map((each) => {
    const plan = objectOf(each['plan']);
    return { job: each['workflowId'], repository: plan['repository'], origin: plan['origin'], target: plan['target'], 'asked by': each['requestedBy'], expires: each['expires'], 'plan hash': each['planHash'] };
  });
  if (rows.length === 0) return 'Nothing waits for approval.';
  return paragraphs(`${counted(rows.length, 'plan waits', 'plans wait')} for a person's approval:`, table(rows), 'I cannot approve: `pivo approve JOB` does, and `pivo reject JOB` ends it.');
}

function* audit({ repo }: Words): Script {
  const { where } = yield* repositoryFilter(repo);
  const rows = yield* rowsOf(`SELECT time, action, outcome, repo_name AS repository, actor, workflow_id AS job FROM audit WHERE true${where} ORDER BY time DESC, id LIMIT 30`);
  return rows.length === 0 ? 'The audit log is empty.' : paragraphs('The audit log, the latest first:', table(rows));
}

function* restores({ repo }: Words): Script {
  const { where } = yield* repositoryFilter(repo);
  const rows = yield* rowsOf(`SELECT time, repo_name AS repository, point, target, outcome, requested_by AS "asked by", approved_by AS "approved by", restore_id AS restore FROM restores WHERE true${where} ORDER BY time DESC LIMIT 30`);
  return rows.length === 0 ? 'Nothing was restored.' : paragraphs('The latest restores:', table(rows));
}

function* sql({ sql = '' }: Words): Script {
  const value = yield* use('query_metadata', { sql });
  const rows = tableOf(value);
  return rows.length === 0 ? 'No rows.' : paragraphs(table(rows.slice(0, 100)), rows.length > 100 ? 'There are more rows.' : cutNote(value));
}

function* decide(): Script {
  yield* [];
  return 'I cannot approve or reject: a person does, with `pivo approve JOB` or `pivo reject JOB`. `what waits for approval?` lists the plans.';
}

function* rowCount({ table: name = '' }: Words): Script {
  const [row] = yield* rowsOf(`SELECT count(*) AS n FROM ${name}`);
  return `${name} has **${counted(Number(row?.['n'] ?? 0), 'row')}**.`;
}

export const WORK: readonly Question[] = [
  { example: 'restore REPO to commit HASH at TARGET (a URL or a path)', patterns: [asked('restore {repo}(?<places>(?: (?:back )?(?:to|at|as of|from|into|in|onto|on) .+)?)')], script: restore },
  { example: 'back up URL', patterns: [asked('(?:back ?up|ingest|archive|save)(?: the)?(?: repo(?:sitory)?)?(?: at| from)? (?<url>(?:[a-z][a-z0-9+.-]*://|/|[\\w.-]+@[\\w.-]+:)\\S+)(?: (?:as|under the name) (?<name>[A-Za-z0-9][\\w.-]*))?')], script: backUp },
  { example: 'what waits for approval?', patterns: [asked('.*(?:waits?|waiting|pending)(?: for)?(?: an?| my)? approvals?.*'), asked('(?:list|show)?(?: me)?(?: the)? ?(?:pending )?approvals')], script: waiting },
  { example: 'approve or reject (a person does that)', patterns: [asked('(?:approve|reject)(?: .*)?')], script: decide },
  { example: 'status of JOB', patterns: [asked('(?:what is |show )?(?:the )?status (?:of|for) (?:the )?(?:job |restore )?(?<id>\\S+)'), asked('how is (?:the )?(?:job|restore|backup) (?<id>\\S+)(?: doing)?')], script: jobStatus },
  { example: 'what jobs are running?', patterns: [asked("(?:what|which|list|show)?(?: me)?(?: are)?(?: the)? ?(?:latest |running |current |recent )?jobs?(?: (?:is|are) (?:running|there|going on))?"), asked('what (?:is|are) (?:you )?(?:running|going on)')], script: runningJobs },
  { example: 'what was restored?', patterns: [asked('(?:what|who|which)(?: was| were| has been)? restored(?: .*?)??(?: (?:of|in|from) {repo})?'), asked('(?:list|show|which)(?: me)?(?: the)? ?(?:latest |last )?restores(?: (?:of|for) {repo})?')], script: restores },
  { example: 'show the audit log', patterns: [asked('(?:show|list|what is in)?(?: me)?(?: the)? ?audit(?: log| records| trail)?(?: (?:of|for) {repo})?'), asked('who did what(?: (?:in|to) {repo})?')], script: audit },
  { example: 'how many rows does TABLE have? (repo_snapshots, changes, …)', patterns: [asked('how many rows (?:does|are in|has)(?: the)?(?: table)? (?<table>repo_snapshots|commits|commit_parents|changes|visits|refs|visit_refs|restores|audit)(?: have)?')], script: rowCount },
  { example: 'SELECT … (any statement that reads the index)', patterns: [/^\s*(?<sql>(?:select|with|values|explain)\b.+)$/is], verbatim: true, script: sql },
];
