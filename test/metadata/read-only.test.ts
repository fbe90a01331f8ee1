// Read-only SQL under attack: nothing is written, nothing else is opened, nothing runs for ever.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOfFile } from '../../metadata/digest.ts';
import { ReadOnlyIndex } from '../../metadata/read-only.ts';
import { openIndexWriter } from '../../metadata/writer.ts';
import { commits, snapshot } from './service.ts';

describe('read-only SQL', () => {
  let dir = '';
  let path = '';
  let index: ReadOnlyIndex;
  let digest = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-sql-'));
    path = join(dir, 'pivo.db');
    const writer = openIndexWriter(path);
    writer.write([...commits('execa', 1, 0, 30), snapshot('execa', 1, 30)]);
    writer.close();
    digest = digestOfFile(path);
    index = new ReadOnlyIndex(path);
  });
  afterAll(async () => {
    index.close();
    await rm(dir, { recursive: true });
  });

  it.each([
    ['SELECT repo_name, count(*) AS n FROM repo_snapshots GROUP BY 1', [['execa', 30]]],
    ['  -- a comment\n/* and\nanother */ select 1', [[1]]],
    ['WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT x FROM n', [[1], [2], [3]]],
    ['VALUES (1, NULL), (2, 0.5)', [[1, null], [2, 0.5]]],
    ['SELECT 9223372036854775807, -1, 9007199254740991', [['9223372036854775807', -1, 9007199254740991]]],
    ["SELECT x'00ff', 'é'", [["x'00ff'", 'é']]],
    ['SELECT 1;', [[1]]],
    ["SELECT commit_hash = (SELECT commit_hash FROM commits WHERE subject = 'Retry the 3th request') FROM message_search WHERE query MATCH 'because AND 3'", [[1]]],
    ["SELECT DISTINCT path FROM path_search WHERE query MATCH 'docs AND 7'", [['docs/7.md']]],
    ["SELECT ref_name, commit_hash IS NOT NULL FROM visit_refs WHERE repo_name = 'execa' AND visit = 1", [['refs/heads/main', 1]]],
  ])('answers %s', async (sql, rows) => {
    const result = await index.query(sql);
    expect(result.rows).toEqual(rows);
    expect(result.truncated).toBe(false);
  });

  it('explains a statement and names its columns', async () => {
    const result = await index.query("EXPLAIN QUERY PLAN SELECT * FROM commits WHERE commit_hash = 'x'");
    expect(result.columns).toEqual(['id', 'parent', 'notused', 'detail']);
    expect(JSON.stringify(result.rows)).toMatch(/SEARCH c USING INDEX/);
    expect((await index.query('SELECT 1 AS a, 2 AS a')).columns).toEqual(['a', 'a']);
  });

  it.each([
    "ATTACH '/tmp/other.db' AS other",
    "/* SELECT */ aTtAcH '/tmp/other.db' AS other",
    "-- SELECT\nATTACH '/tmp/other.db' AS other",
    "VACUUM INTO 'TARGET'",
    'VACUUM',
    'PRAGMA journal_mode = DELETE',
    'PRAGMA query_only = OFF',
    'EXPLAIN PRAGMA query_only = OFF',
    'EXPLAIN QUERY PLAN PRAGMA query_only = OFF',
    'EXPLAIN/**/ PRAGMA query_only(0)',
    "EXPLAIN ATTACH 'x' AS y",
    'EXPLAIN EXPLAIN SELECT 1',
    'SELECT 1; DELETE FROM stored_commits',
    'SELECT 1; SELECT 2',
    'DELETE FROM stored_commits',
    'delete from stored_commits returning *',
    "INSERT INTO message_text (message_text) VALUES ('delete-all')",
    'WITH x AS (SELECT 1) DELETE FROM stored_commits',
    'WITH x AS (SELECT 1) INSERT INTO repositories (name) SELECT 2 RETURNING id',
    'WITH x AS (DELETE FROM stored_commits RETURNING 1) SELECT * FROM x',
    'WITH x AS (SELECT 1) UPDATE stored_commits SET visit = 9 RETURNING *',
    "SELECT load_extension('/tmp/x.so')",
    "SELECT writefile('TARGET', 'x')",
    "SELECT readfile('/etc/passwd')",
    'CREATE TEMP TABLE t (x)',
    'BEGIN IMMEDIATE',
    'DROP VIEW commits',
    'REINDEX',
    'ANALYZE',
    '',
    '   ;;; ',
    '/* only a comment',
    'SELEC 1',
    'SELECT * FROM no_such_table',
    'SELECT ?',
    "SELECT * FROM pragma_journal_mode('DELETE')",
  ])('refuses %s', async (sql) => {
    await expect(index.query(sql.replace('TARGET', join(dir, 'stolen')))).rejects.toMatchObject({ kind: 'InvalidInput' });
    expect(existsSync(join(dir, 'stolen'))).toBe(false);
  });

  it('is as it was after all that, and still answers', async () => {
    expect(digestOfFile(path)).toBe(digest);
    expect((await readdir(dir)).filter((name) => !/^pivo\.db(-wal|-shm)?$/.test(name))).toEqual([]);
    await expect(index.query('SELECT count(*) FROM commits')).resolves.toMatchObject({ rows: [[30]] });
  });

  it('ends an endless statement when its time is over, and answers the next', async () => {
    const endless = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n';
    await expect(index.query(endless, { milliseconds: 300 })).rejects.toMatchObject({ kind: 'LimitExceeded', message: expect.stringContaining('0.3 seconds') as string });
    await expect(index.query('SELECT 1')).resolves.toMatchObject({ rows: [[1]] });
  });

  it.each(['SELECT zeroblob(500000000)', "SELECT length(group_concat(printf('%.*c', 900000000, 'x')))", 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x, randomblob(1000) FROM n ORDER BY 2'])('ends %s before it takes the machine', async (sql) => {
    await expect(index.query(sql)).rejects.toMatchObject({ kind: expect.stringMatching(/^(LimitExceeded|InvalidInput)$/) as string });
    await expect(index.query('SELECT 1')).resolves.toMatchObject({ rows: [[1]] });
  });

  it('cuts rows and bytes at their limits, and says so', async () => {
    const numbers = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n';
    expect(await index.query(numbers, { rows: 3 })).toMatchObject({ rows: [[1], [2], [3]], truncated: true });
    expect(await index.query('VALUES (1), (2), (3)', { rows: 3 })).toMatchObject({ rows: [[1], [2], [3]], truncated: false });
    const large = await index.query(`SELECT x, '${'y'.repeat(1000)}' FROM (${numbers})`, { rows: 1e6, bytes: 50_000 });
    expect(large.truncated).toBe(true);
    expect(large.rows.length).toBeLessThan(60);
  });

  it('answers many at once, and ends a query whose caller is gone', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, (_, n) => index.query(`SELECT ${n}`)));
    expect(all.map(({ rows }) => rows[0]?.[0])).toEqual(Array.from({ length: 12 }, (_, n) => n));
    const gone = new AbortController();
    const asked = index.query('WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n', {}, gone.signal);
    gone.abort();
    await expect(asked).rejects.toMatchObject({ kind: 'Cancelled' });
  });

  it.runIf(process.platform === 'linux')('leaves no query running when its caller is killed', async () => {
    const caller = spawn(process.execPath, [fileURLToPath(new URL('abandoned-query.ts', import.meta.url)), path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [pid] = (await once(caller.stdout, 'data')) as [Buffer];
    const isRunning = (): boolean => existsSync(`/proc/${pid.toString().trim()}/fd`) && !/^State:\s*Z/m.test(readFileSync(`/proc/${pid.toString().trim()}/status`, 'utf8'));
    expect(isRunning()).toBe(true);
    caller.kill('SIGKILL');
    await expect.poll(isRunning, { timeout: 10_000 }).toBe(false);
  });

  it('says what to do when there is no index', async () => {
    const none = new ReadOnlyIndex(join(dir, 'none.db'));
    await expect(none.query('SELECT 1')).rejects.toMatchObject({ kind: 'Unavailable', hint: expect.stringContaining('pivo up') as string });
    none.close();
  });
});
