// Questions over this project's own repository, where the tests run in one.
import type { AskedQuestion } from './question.ts';

const ask = (question: Omit<AskedQuestion, 'needs'>): AskedQuestion => ({ ...question, needs: 'pivo' });

export const PROJECT: readonly AskedQuestion[] = [
  ask({ ask: 'How many commits does the PIVO repo have?', sql: "SELECT count(*) FROM commits WHERE repo_name = 'pivo'" }),
  ask({ ask: 'Who are the authors of pivo?', sql: "SELECT author_name, count(*) FROM commits WHERE repo_name = 'pivo' GROUP BY 1 ORDER BY 2 DESC LIMIT 3" }),
  ask({ ask: 'Who changed README.md in pivo?', sql: "SELECT author_name FROM changes JOIN commits USING (repo_name, commit_hash) WHERE repo_name = 'pivo' AND path = 'README.md' ORDER BY commit_time DESC LIMIT 1" }),
  ask({ ask: 'Show package.json in pivo', includes: ['"name": "pivo"'] }),
  ask({ ask: 'Which files of pivo change most often?', sql: "SELECT path, count(*) FROM changes WHERE repo_name = 'pivo' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3" }),
  ask({ ask: 'Which commits mention the word archive in pivo?', calls: [{ name: 'query_metadata' }] }),
  ask({ ask: 'Where is config.ts in pivo?', includes: ['config.ts'] }),
  ask({ ask: 'What is the first commit of pivo?', sql: "SELECT commit_hash FROM commits WHERE repo_name = 'pivo' ORDER BY commit_time, commit_hash LIMIT 1" }),
];
