// Wishes for a CI pipeline, for its commit, and questions about its run.
import { counted, fenced, paragraphs, table, textOf } from '../markdown.ts';
import { asked, type Question, type Words } from '../question.ts';
import { cutNote, listOf, objectOf, repositoryNamed, type Row } from '../results.ts';
import { use, type Script } from '../script.ts';

/** A URL as it is; a name as the index writes it. */
function* repoUrl(repo: string): Script {
  return /[:/]/.test(repo) ? repo : yield* repositoryNamed(repo);
}

function* generate({ repo = '' }: Words): Script {
  return proposal(objectOf(yield* use('generate_pipeline', { repo_url: yield* repoUrl(repo) })));
}

function* commit({ repo = '' }: Words): Script {
  return proposal(objectOf(yield* use('commit_pipeline', { repo_url: yield* repoUrl(repo) })));
}

function proposal(value: Row): string {
  const files = listOf(value['files']).map(({ path, content, existing }) => paragraphs(`\`${textOf(path)}\`${existing === null ? '' : ' replaces what is there'}:`, fenced(textOf(content), textOf(path).endsWith('ml') ? 'yaml' : '')));
  const jobs = listOf(value['jobs']).map(({ stage, name }) => ({ stage, job: name }));
  const problems = listOf(value['problems']).map(({ severity, path, line, message }) => ({ severity, file: path, line, message }));
  return paragraphs(
    `The pipeline \`${textOf(value['pipeline'])}\` for ${textOf(value['repository'])} (${textOf(value['system'])}) is proposed: ${counted(files.length, 'file')}.`,
    ...files,
    jobs.length === 0 ? undefined : table(jobs),
    problems.length === 0 ? 'The checks found nothing against it.' : table(problems.slice(0, 30)),
    value['approval_required'] === true ? paragraphs("**It waits for a person's approval.** I cannot approve. To go on:", fenced(textOf(value['approve_with']))) : `It is ${textOf(value['status'])}.`,
    cutNote(value),
  );
}

function* status({ repo = '', branch }: Words): Script {
  const value = objectOf(yield* use('check_pipeline_status', { repo_url: yield* repoUrl(repo), ...(branch === undefined ? {} : { branch }) }));
  const run = objectOf(value['run']);
  const jobs = listOf(run['jobs']).map(({ stage, name, state, seconds }) => ({ stage, job: name, state, seconds }));
  const failed = listOf(value['failed']).map(({ name, cause, note }) => ({ job: name, why: cause ?? note }));
  return paragraphs(
    `The pipeline of ${textOf(value['repository'])}${value['branch'] == null ? '' : ` on ${textOf(value['branch'])}`} is ${textOf(run['state'] ?? value['status'] ?? 'not there yet')}.`,
    jobs.length === 0 ? undefined : table(jobs.slice(0, 50)),
    failed.length === 0 ? undefined : table(failed),
    value['mergeRequest'] == null ? undefined : `To merge: ${textOf(value['mergeRequest'])}`,
  );
}

const REPO = String.raw`(?:the )?(?:repo(?:sitory)? )?(?<repo>[A-Za-z0-9][^\s?]*)`;
const PIPELINE = '(?:an?|the|its|a new)? ?(?:ci |ci/cd |gitlab |github )*pipeline';

export const CI: readonly Question[] = [
  { example: 'give REPO a pipeline (or: generate a pipeline for URL)', patterns: [
    asked(`(?:give|make|get) ${REPO} ${PIPELINE}`),
    asked(`(?:generate|create|make|propose|write|build) ${PIPELINE} (?:for|of|in) ${REPO}`),
  ], script: generate },
  { example: 'commit the pipeline of REPO (a person approves it)', patterns: [asked(`commit ${PIPELINE} (?:for|of|in|to) ${REPO}`)], script: commit },
  { example: 'how is the pipeline of REPO on BRANCH?', patterns: [
    asked(`(?:how is|how does|what is the status of|status of|check|show(?: me)?(?: the status of)?) ${PIPELINE} (?:for|of|in) ${REPO}(?: (?:on|at|of)(?: the)?(?: branch)? (?<branch>[^\\s?]+))?(?: doing| run(?:ning)?)?`),
  ], script: status },
];
