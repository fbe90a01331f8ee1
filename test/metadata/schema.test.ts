// docs/schema.md and the index say the same.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCUMENTED_VIEWS } from '../../metadata/schema.ts';
import { openIndexWriter } from '../../metadata/writer.ts';
import { commits, snapshot } from './service.ts';

describe('the schema of the index', () => {
  let dir = '';
  let db: Database.Database;
  let docs = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-schema-'));
    const writer = openIndexWriter(join(dir, 'pivo.db'));
    writer.write([...commits('execa', 1, 0, 30), snapshot('execa', 1, 30)]);
    writer.close();
    db = new Database(join(dir, 'pivo.db'), { readonly: true });
    docs = await readFile(new URL('../../docs/schema.md', import.meta.url), 'utf8');
  });
  afterAll(async () => {
    db.close();
    await rm(dir, { recursive: true });
  });

  it.each([...DOCUMENTED_VIEWS])('documents every column of %s, in order', (view) => {
    const section = docs.split(`\n## ${view}\n`)[1]?.split('\n## ')[0] ?? '';
    const documented = [...section.matchAll(/^\| (\w+) \|/gm)].map((match) => match[1]).slice(1);
    expect(documented).toEqual(db.prepare(`SELECT name FROM pragma_table_info('${view}')`).pluck().all());
  });

  it('runs every example', () => {
    const examples = docs.split('```sql\n')[1]?.split('```')[0]?.split(';\n').filter((sql) => sql.trim() !== '') ?? [];
    expect(examples.length).toBeGreaterThan(3);
    for (const sql of examples) expect(() => db.prepare(sql).all()).not.toThrow();
  });

  it.each([
    ["SELECT * FROM repo_snapshots WHERE commit_hash = 'x'", /SEARCH c USING INDEX/],
    ["SELECT * FROM changes WHERE repo_name = 'execa' AND commit_hash = 'x'", /SEARCH c USING INDEX/],
    ["SELECT commit_hash FROM changes WHERE path = 'src/file-1.ts'", /SEARCH h USING COVERING INDEX changes_by_path|SEARCH h USING INDEX changes_by_path/],
    ["SELECT * FROM visit_refs WHERE repo_name = 'execa' AND visit = 1", /SEARCH v USING PRIMARY KEY/],
    ["SELECT * FROM commits WHERE commit_hash GLOB '1a2b*'", /SEARCH c USING INDEX/],
    ['SELECT * FROM commits WHERE commit_time >= 5 ORDER BY commit_time DESC LIMIT 5', /SEARCH c USING INDEX commits_by_time/],
  ])('finds by index: %s', (sql, plan) => {
    const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
    expect(steps.map(({ detail }) => detail).join('\n')).toMatch(plan);
  });
});
