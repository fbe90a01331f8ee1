// What statements of SQL can do, by their words.
import { changes, destroys, reads, worst, type Judgement } from './judgement.ts';

const DESTROYS = /\b(?:drop|truncate|delete|purge|vacuum|insert\s+overwrite|create\s+or\s+replace|dropdb)\b/i;
const WRITES = /\b(?:insert|update|merge|alter|create|replace|load|grant|revoke|call|set|copy|into|attach|add|refresh|cache|msck|analyze|optimize)\b/i;
const READS = /^\s*(?:select|show|describe|desc|explain|with|values|\\d)/i;

/** The worst of the statements; texts and comments in them are taken away first, so that words in quotes accuse nobody. */
export function judgeSql(sql: string): Judgement {
  const bare = sql.replaceAll(/'(?:[^']|'')*'|"[^"]*"|`[^`]*`/g, "''").replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
  return worst(bare.split(';').filter((each) => each.trim() !== '').map(judgeStatement));
}

function judgeStatement(statement: string): Judgement {
  if (DESTROYS.test(statement)) return destroys(`the SQL deletes or replaces data (${statement.trim().split(/\s+/).slice(0, 2).join(' ')})`);
  return READS.test(statement) && !WRITES.test(statement) ? reads() : changes('the SQL writes');
}
