// A process that asks an endless question of the index at argv[2] and prints the id of the process that answers it.
import { readFileSync } from 'node:fs';
import { ReadOnlyIndex } from '../../metadata/read-only.ts';

const index = new ReadOnlyIndex(process.argv[2] ?? '');
await index.query('SELECT 1');
void index.query('WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n', { milliseconds: 600_000 }).catch(() => {});
setImmediate(() => process.stdout.write(readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')));
