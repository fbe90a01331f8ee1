// Continuous integration: GitLab, GitHub, CircleCI, Azure, Jenkins; jobs, what starts them, schedules.
import { Facts, type FileReader } from './reader.ts';
import type { Source } from './source.ts';
import { keyOf, nodesAt, yamlNodes, type YamlNode } from './yaml.ts';

/** Keys of .gitlab-ci.yml that are no jobs (docs.gitlab.com/ci/yaml). */
const GITLAB_WORDS = new Set(['image', 'services', 'stages', 'types', 'before_script', 'after_script', 'variables', 'cache', 'include', 'workflow', 'default', 'spec']);

export const gitlabReader: FileReader = {
  reads: (path) => /(?:^|\/)\.gitlab-ci\.ya?ml$|(?:^|\/)\.gitlab\/ci\/[^/]+\.ya?ml$/.test(path),
  read(source) {
    const facts = new Facts(source);
    const nodes = yamlNodes(source.text);
    for (const job of nodesAt(nodes, '*')) {
      const name = keyOf(job);
      if (GITLAB_WORDS.has(name)) continue;
      if (job.text === undefined) facts.add('ci', name, name.startsWith('.') ? 'template of jobs of GitLab CI' : `job of GitLab CI${under(nodes, name, 'stage', ', stage ')}${under(nodes, name, 'image', ', image ')}`, job.line);
      for (const rule of nodes.filter(({ path, text }) => path[1] === name && text?.includes('schedule') === true && (path[2] === 'rules' || path[2] === 'only'))) facts.add('schedule', rule.text ?? '', `when job ${name} of GitLab CI runs; the times are set in GitLab`, rule.valueLine);
    }
    for (const stage of nodesAt(nodes, 'stages', '*')) if (stage.text !== undefined) facts.add('ci', stage.text, 'stage of GitLab CI', stage.valueLine);
    for (const variable of nodesAt(nodes, 'variables', '*')) facts.add('configuration', keyOf(variable), 'variable of GitLab CI', variable.line);
    return facts.list;
  },
};

const under = (nodes: readonly YamlNode[], job: string, key: string, said: string): string => {
  const text = nodesAt(nodes, job, key)[0]?.text;
  return text === undefined ? '' : said + text;
};

export const githubReader: FileReader = {
  reads: (path) => /(?:^|\/)\.(?:github|gitea|forgejo)\/workflows\/[^/]+\.ya?ml$/.test(path),
  read(source) {
    const facts = new Facts(source);
    const nodes = yamlNodes(source.text);
    const workflow = nodesAt(nodes, 'name')[0]?.text ?? source.name;
    for (const trigger of [...nodesAt(nodes, 'on'), ...nodesAt(nodes, 'on', '*')]) {
      const isKey = trigger.path.length === 3 && !/^\d+$/.test(keyOf(trigger));
      const name = isKey ? keyOf(trigger) : trigger.text;
      if (name !== undefined) facts.add('ci', name, `what starts the workflow ${workflow}`, isKey ? trigger.line : trigger.valueLine);
    }
    for (const cron of nodesAt(nodes, 'on', 'schedule', '*', 'cron')) if (cron.text !== undefined) facts.add('schedule', cron.text, `when the workflow ${workflow} runs (UTC)`, cron.valueLine);
    for (const job of nodesAt(nodes, 'jobs', '*')) facts.add('ci', keyOf(job), `job of the workflow ${workflow}`, job.line);
    return facts.list;
  },
};

export const otherCiReader: FileReader = {
  reads: (path, name) => /^(?:jenkinsfile.*|azure-pipelines\.ya?ml|bitbucket-pipelines\.ya?ml|\.travis\.yml|\.drone\.yml|\.woodpecker\.ya?ml|cloudbuild\.ya?ml|buildspec\.ya?ml)$/i.test(name) || /(?:^|\/)\.(?:circleci\/config\.ya?ml|ci\/[^/]+)$/.test(path),
  read(source) {
    const facts = new Facts(source);
    facts.addFile('ci', source.name, 'configuration of continuous integration');
    if (/^jenkinsfile/i.test(source.name)) jenkins(source, facts);
    else if (/\.ya?ml$/.test(source.name)) for (const job of nodesAt(yamlNodes(source.text), 'jobs', '*')) if (!/^\d+$/.test(keyOf(job))) facts.add('ci', keyOf(job), 'job of continuous integration', job.line);
    return facts.list;
  },
};

function jenkins({ lines }: Source, facts: Facts): void {
  for (const [at, line] of lines.entries()) {
    const stage = /\bstage\s*\(\s*['"]([^'"]{1,100})['"]/.exec(line)?.[1];
    const cron = /\b(?:cron|pollSCM)\s*\(\s*['"]([^'"]{1,100})['"]/.exec(line)?.[1];
    if (stage !== undefined) facts.add('ci', stage, 'stage of Jenkins', at + 1);
    if (cron !== undefined) facts.add('schedule', cron, 'when Jenkins runs the pipeline', at + 1);
  }
}
