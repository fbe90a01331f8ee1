// What is found in files of each kind, that its line holds it, and what no file can do.
import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse, ANALYSIS_LIMITS } from '../../analysis/analyse.ts';
import { readersOf } from '../../analysis/readers.ts';
import { sourceOf } from '../../analysis/source.ts';
import type { Analysis, Fact } from '../../contract/analysis.ts';
import { HOSTILE, PIPELINES, SECRETS } from '../fixtures/pipelines.ts';

const analysed = (files: Readonly<Record<string, string | Buffer>>, limits = ANALYSIS_LIMITS): Promise<Analysis> =>
  analyse(Object.entries(files).map(([path, content]) => ({ path, bytes: Buffer.byteLength(content) })), async ({ path }) => Buffer.from(files[path] ?? ''), { limits });

const { facts, findings } = await analysed(PIPELINES);

/** `kind name line` of the facts of a file. */
const of = (file: string, kind?: Fact['kind']): string[] => facts.filter((fact) => fact.file === file && (kind === undefined || fact.kind === kind)).map(({ kind: each, name, line }) => `${each} ${name} ${line}`);
const detail = (file: string, name: string): string => facts.find((fact) => fact.file === file && fact.name === name)?.detail ?? '';

describe('PySpark', () => {
  it('is told with what it reads and writes, also over several lines and through constants', () => {
    expect(of('jobs/daily.py', 'input')).toEqual(['input RAW 13', 'input shop.prices 15', 'input shop.sales 21', 'input shop.dates 21', 'input sales-events 23']);
    expect(of('jobs/daily.py', 'output')).toEqual(['output out 18', 'output mart.daily_sales 20', 'output mart.events 24']);
    expect(detail('jobs/daily.py', 'RAW')).toContain('which is s3a://lake/raw/sales (line 5)');
    expect(detail('jobs/daily.py', 'out')).toMatch(/as delta, overwrite.*an expression of the code/);
  });

  it('is told with its options, settings and environment, and never with a value that is secret', () => {
    expect(of('jobs/daily.py', 'configuration').map((each) => each.split(' ')[1])).toEqual(['--day', '--out', '--password', 'spark.sql.shuffle.partitions', 'spark.hadoop.fs.s3a.secret.key', 'LAKE_REGION', 'DB_PASSWORD', 'BATCH_SIZE']);
    expect(detail('jobs/daily.py', '--day')).toBe('required argument of the command line: which day, YYYY-MM-DD');
    expect(detail('jobs/daily.py', 'BATCH_SIZE')).toBe('environment variable, default 500');
    expect(detail('jobs/daily.py', '--password')).toBe('argument of the command line');
  });

  it('is told as a script and as an application', () => {
    expect(of('jobs/daily.py', 'entryPoint')).toEqual(['entryPoint daily-sales 33', 'entryPoint __main__ 43']);
    expect(detail('jobs/daily.py', '__main__')).toBe('daily.py runs as a script and calls main');
  });
});

describe('other pipelines', () => {
  it.each<[string, string[]]>([
    ['jobs/report.py', ['entryPoint report 6', 'input data/sales.csv 7', 'input archive.sales 8', 'output out/report.parquet 9', 'output report_rows 10', 'output out/summary.txt 11']],
    ['dags/sales.py', ['entryPoint sales_daily 7', 'schedule 0 3 * * * 8', 'task load_sales 11', 'task report 13', 'flow load >> report 16', 'flow >> report 19', 'input data/in.csv 22', 'output raw/in.csv 22']],
    ['dags/flow.py', ['schedule @weekly 4', 'entryPoint weekly_cleanup 5', 'task remove_old 7']],
    ['models/orders.sql', ['output orders null', 'input stg_orders 3', 'input customers 6']],
    ['sql/load.sql', ['output mart.totals 1', 'output mart.totals 2', 'input shop.sales 3', 'output "mart"."faces" 4', 'input staging.faces 4', 'input /in/totals.csv 5']],
    ['scala/src/main/scala/Clean.scala', ['entryPoint Clean 1', 'entryPoint clean 2', 'configuration spark.executor.memory 2', 'input hdfs:///in/events 3', 'output mart.clean_events 4', 'configuration REGION 5']],
    ['java/src/main/java/Job.java', ['entryPoint main 2', 'input hdfs:///in/people.csv 3', 'output hdfs:///out/people 4', 'configuration JOB_HOME 5']],
    ['java/src/test/java/JobTest.java', ['test readsPeople 3']],
    ['bin/submit.sh', ['output /lake/in 4', 'input data/sales.csv 5', 'output /lake/in/ 5', 'entryPoint jobs/daily.py 10', 'configuration --num-executors 7', 'configuration spark.executor.memoryOverhead 8', 'configuration OUT_PATH 10', 'output sales-events 11', 'configuration BROKERS 11', 'configuration LAKE_HOME 13']],
    ['deploy/crontab', ['schedule 15 2 * * 1-5 3', 'schedule @hourly 4']],
    ['deploy/sales.timer', ['schedule *-*-* 04:00:00 2']],
    ['deploy/sales.service', ['entryPoint /opt/sales/bin/submit.sh 2', 'configuration LEVEL 3']],
    ['temporal/worker.ts', ['configuration sales-queue 3', 'schedule nightly-sales 4', "schedule ['0 1 * * *'] 4", 'configuration SALES_URL 5', 'configuration SALES_TOKEN 6']],
    ['temporal/workflows.ts', ['entryPoint loadSales 2']],
    ['temporal/flows.py', ['entryPoint ReportFlow 4', 'task send_report 8', 'schedule report-schedule 11', 'schedule ["0 6 * * *"] 11']],
    ['Dockerfile', ['container python:3.12-slim 1', 'configuration VERSION 2', 'configuration API_TOKEN 3', 'configuration LEVEL 3', 'port 8080 4', 'entryPoint ["python", "jobs/report.py"] 5']],
    ['docker-compose.yml', ['service db 4', 'container postgres:17 5', 'port 5432:5432 6', 'configuration POSTGRES_PASSWORD 8', 'service app 9', 'entryPoint python jobs/report.py 13']],
    ['.gitlab-ci.yml', ['ci test 1', 'ci deploy 1', 'ci unit 4', 'ci nightly 7', 'schedule $CI_PIPELINE_SOURCE == "schedule" 11']],
    ['.github/workflows/ci.yml', ['ci push 3', 'schedule 30 5 * * * 5', 'ci unit 7']],
    ['k8s/cron.yaml', ['container sales-cron 4', 'schedule 0 4 * * * 6']],
    ['package.json', ['buildSystem npm null', 'command start 3', 'dependency kafkajs 5']],
    ['package-lock.json', ['lockfile npm null']],
    ['requirements.txt', ['dependency pandas 2', 'dependency pyspark 3', 'dependency click 5']],
    ['pyproject.toml', ['dependency requests 5', 'dependency boto3 6', 'entryPoint sales 9', 'dependency duckdb 11']],
    ['pom.xml', ['dependency spark-sql_2.13 6']],
    ['build.sbt', ['dependency spark-core 1']],
    ['go.mod', ['dependency github.com/segmentio/kafka-go 6']],
    ['cmd/main.go', ['entryPoint main 4', 'configuration GO_HOME 5']],
    ['Cargo.toml', ['dependency serde 4']],
    ['.env.example', ['configuration DB_PASSWORD 1', 'configuration BATCH_SIZE 2']],
    ['config/application.yml', ['configuration password 4', 'configuration port 6']],
    ['Makefile', ['command load 1', 'entryPoint jobs/daily.py 2']],
    ['tests/test_daily.py', ['test test_the_day_is_loaded 4']],
  ])('%s', (file, expected) => {
    expect(of(file)).toEqual(expect.arrayContaining(expected));
  });

  it('are told nothing of comments, strings, CTEs, functions and folders of others', () => {
    expect(facts.map(({ name }) => name).filter((name) => /commented|in\/a\/string|nowhere|nothing|NOT_OURS|IN_A_COMMENT|^recent$|^created$|^c$/.test(name))).toEqual([]);
    expect(findings).toContainEqual({ problem: 'not read: in a folder of dependencies or of what was built', files: ['node_modules/x/index.js'], count: 1 });
  });

  it('have their order of tasks told once, also over several lines', () => {
    expect(of('dags/sales.py', 'flow')).toEqual(['flow load >> report 16', 'flow >> report 19']);
    expect(detail('dags/sales.py', '>> report')).toBe('order of tasks: [load] >> report >> tell');
  });

  it('have languages, each by its largest file', () => {
    expect(facts.filter(({ kind }) => kind === 'language').map(({ name }) => name)).toEqual(expect.arrayContaining(['Python', 'SQL', 'Scala', 'Java', 'Shell', 'TypeScript', 'Dockerfile', 'Make']));
    expect(facts.find(({ kind, name }) => kind === 'language' && name === 'Python')).toMatchObject({ file: 'jobs/daily.py', line: null });
  });
});

describe('every fact', () => {
  it('stands in the line that it names', () => {
    expect(facts.length).toBeGreaterThan(120);
    for (const { name, file, line } of facts) {
      const lines = (PIPELINES[file] ?? '').split(/\r?\n/);
      if (line === null) expect(PIPELINES[file]).toBeDefined();
      else expect(lines[line - 1], `${file}:${line}`).toContain(name);
    }
  });

  it('is the same whatever the order of the files', async () => {
    expect(await analysed(Object.fromEntries(Object.entries(PIPELINES).reverse()))).toEqual(await analysed(PIPELINES));
  });

  it('holds no secret', () => {
    expect(SECRETS.filter((secret) => JSON.stringify(facts).includes(secret))).toEqual([]);
    expect(of('.env')).toEqual(['configuration DB_PASSWORD 1', 'configuration AWS_SECRET_ACCESS_KEY 2']);
  });

  it('stands in its line, whatever a file is made of', () => {
    const words = ['spark.read', '.parquet(', '"', "'", '"""', ')', '(', '\n', ' ', 'FROM ', 'x', '=', ',', '>>', '#', '\\', 'os.getenv(', 'DAG(', 'task_id=', '@task\ndef f', '`', '${A:-b}', '- ', 'a: ', '[', '{', '\t', 'é', '\r\n', 'INSERT INTO t '];
    const names = ['a.py', 'a.sql', 'a.sh', 'a.ts', 'A.scala', 'Dockerfile', 'docker-compose.yml', '.gitlab-ci.yml', 'crontab', 'pyproject.toml', 'Makefile', 'settings.yml', 'go.mod', 'a.properties'];
    assert(property(constantFrom(...names), array(constantFrom(...words), { maxLength: 60 }), (path, pieces) => {
      const source = sourceOf(path, Buffer.from(pieces.join('')));
      if (source === null) return;
      for (const reader of readersOf(path)) {
        let found: Fact[] = [];
        try {
          found = reader.read(source);
        } catch (error) {
          expect(error).toBeInstanceOf(Error); // what is not understood becomes a finding
        }
        for (const { name, line } of found) if (line !== null) expect(source.lines[line - 1]).toContain(name);
      }
    }), { numRuns: 400 });
  });
});

describe('a hostile file', () => {
  it.each(Object.keys(HOSTILE))('%s ends, and the next one is read', async (path) => {
    const found = await analysed({ [path]: HOSTILE[path] ?? '', 'good.py': 'import os\nos.getenv("STILL_READ")\n' });
    expect(found.facts.map(({ name }) => name)).toContain('STILL_READ');
  }, 20_000);

  it('is told of, with the reason', async () => {
    const { findings, facts } = await analysed(HOSTILE);
    const reasonOf = (file: string): string | undefined => findings.find(({ files }) => files.includes(file))?.problem;
    expect(reasonOf('bad/huge.py')).toMatch(/larger than 524288 bytes/);
    expect(reasonOf('bad/nul.py')).toBe('not read: it is no text');
    expect(reasonOf('bad/long-line.py')).toMatch(/lines that are longer/);
    expect(reasonOf('bad/package.json')).toMatch(/^not understood/);
    expect(facts.map(({ name }) => name)).toEqual(expect.arrayContaining(['AFTER_THE_LONG_LINE', 'AFTER_LATIN']));
    expect(facts.map(({ name }) => name)).not.toContain('IN_A_BINARY');
  }, 20_000);

  it('that is large is left out first, and it is said', async () => {
    const files = { 'a.py': 'import os\nos.getenv("SMALL")\n', 'b.py': `import os\nos.getenv("LARGE")\n${'# words\n'.repeat(100)}` };
    const found = await analysed(files, { ...ANALYSIS_LIMITS, files: 1 });
    expect(found.facts.filter(({ kind }) => kind === 'configuration').map(({ name }) => name)).toEqual(['SMALL']);
    expect(found.findings).toMatchObject([{ problem: expect.stringContaining('the largest files were left out') as string, files: ['b.py'], count: 1 }]);
  });
});
