// What a running PIVO tells Prometheus, its worker's and agent's own measures included; dashboard and rules use nothing else.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { fixture } from '../fixtures/generate.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { send } from './served.ts';

const run = promisify(execFile);
const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url));
const promtool = await run('promtool', ['--version']).then(() => true, () => false);

let dir: string;
let pivo: Pivo;
let url: string;
let text: string;
const scrape = async (): Promise<string> => (text = (await send(`${url}/metrics`)).text);
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pv-'));
  await mkdir(join(dir, 'h'));
  await writeFile(join(dir, 'h', 'config.toml'), '[[notify]]\nname = "nobody"\nurl = "http://127.0.0.1:9/"\nattempts = 1\n');
  pivo = await startPivo(join(dir, 'h'), { PIVO_LISTEN: '127.0.0.1:0' });
  ({ url } = await pivo.json<{ url: string }>('console'));
  await fixture('force-push').build(join(dir, 'origin.git'));
  await pivo.text('ingest', join(dir, 'origin.git'), '--name', 'site');
  await pivo.text('restore', 'site', '--to', join(dir, 'restored.git'), '--yes');
  await rm(join(dir, 'origin.git'), { recursive: true });
  await pivo.text('ingest', join(dir, 'origin.git'), '--name', 'site').catch(() => '');
  await vi.waitFor(async () => expect(await scrape()).toMatch(/^pivo_ingests_total\{outcome="failed"\} 1$/m), { timeout: 60_000, interval: 1_000 });
}, 240_000);
afterAll(async () => {
  await pivo.close();
  await rm(dir, { recursive: true, force: true });
});

/** The value of the one sample that begins so. */
function value(sample: string): number {
  const found = text.split('\n').filter((line) => line.startsWith(`${sample} `));
  expect(found, sample).toHaveLength(1);
  return Number(found[0]?.split(' ').at(-1));
}

describe('/metrics of a running PIVO', () => {
  it('counts what ended, and says when each repository was last visited and proven', () => {
    for (const [sample, expected] of Object.entries({
      'pivo_ingests_total{outcome="done"}': 1, 'pivo_ingests_total{outcome="failed"}': 1, 'pivo_restores_total{outcome="done"}': 1, 'pivo_restores_total{outcome="failed"}': 0,
      'pivo_runs{type="ingest"}': 0, 'pivo_approvals_waiting{type="restore"}': 0, 'pivo_repositories': 1, 'pivo_repositories_never_proven': 0, 'pivo_index_consuming': 1,
      ...Object.fromEntries(['temporal', 'worker', 'metadata', 'server', 'store'].map((part) => [`pivo_part_up{part="${part}"}`, 1])),
    })) expect(value(sample), sample).toBe(expected);
    const now = Date.now() / 1000;
    for (const name of ['last_visit', 'last_proof', 'last_failure']) expect(Math.abs(now - value(`pivo_repository_${name}_timestamp_seconds{repository="site"}`))).toBeLessThan(600);
    for (const sample of ['pivo_ingest_bytes_total', 'pivo_restore_bytes_total', 'pivo_archive_bytes', 'pivo_queue_pollers{queue="pivo",type="workflow"}']) expect(value(sample), sample).toBeGreaterThan(0);
  });

  it('holds what the Temporal SDK measures in the worker and in the agent, each family once', () => {
    expect(text).toMatch(/^temporal_workflow_endtoend_latency_seconds_count\{.*workflow_type="restore".*process="worker"\} 1$/m);
    expect(text).toMatch(/^temporal_worker_task_slots_available\{.*process="agent"\} 50$/m);
    expect(text).toMatch(/^temporal_activity_execution_latency_seconds_bucket\{.*le="7200",process="worker"\}/m);
    const heads = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(heads).toEqual([...new Set(heads)]);
  });

  it('tells of the spool and what was stored of it, of pushes, webhooks, and notifications that were given up', async () => {
    await writeFile(join(dir, 'one.ndjson'), JSON.stringify({ key: 'host', time: Date.now(), payload: { type: 'seen' } }));
    await pivo.text('spool', 'put', 'event', join(dir, 'one.ndjson'));
    await expect.poll(scrape, { interval: 1_000, timeout: 60_000 }).toMatch(/^pivo_records_stored_total\{kind="event"\} 1$/m);
    for (const [sample, expected] of Object.entries({
      'pivo_spool_batches_total{kind="event",status="done"}': 1, 'pivo_spool_batches_total{kind="push",status="failed"}': 0, 'pivo_push_backups{state="failed"}': 0, 'pivo_webhook_requests_total{outcome="unknown"}': 0,
      ...Object.fromEntries(['spool', 'records', 'push_backups', 'deliveries'].map((part) => [`pivo_${part}_up`, 1])),
    })) expect(value(sample), sample).toBe(expected);
    await expect.poll(scrape, { interval: 1_000, timeout: 60_000 }).toMatch(/^pivo_deliveries\{target="nobody",status="dead"\} [1-9]/m);
  });
});

/** Functions, operators and words of PromQL that are no metric. */
const WORDS = new Set(['by', 'without', 'and', 'or', 'unless', 'on', 'ignoring', 'offset', 'bool', 'group_left', 'group_right']);

/** The metrics that an expression of PromQL names. */
function metricsIn(expression: string): string[] {
  const bare = expression.replaceAll(/"[^"]*"/g, '').replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, ' ').replaceAll(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, ' ');
  return [...bare.matchAll(/(?<![\w.])[a-zA-Z_:][\w:]*(?!\w*\s*\()/g)].map(([name]) => name).filter((name) => !WORDS.has(name));
}

async function expressionsOfDashboard(): Promise<string[]> {
  const { panels } = JSON.parse(await readFile(`${DEPLOY}grafana/pivo.json`, 'utf8')) as { panels: { targets?: { expr: string }[] }[] };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

async function expressionsOfRules(): Promise<string[]> {
  const { groups } = parse(await readFile(`${DEPLOY}prometheus/pivo-alerts.yml`, 'utf8')) as { groups: { rules: { expr: string }[] }[] };
  return groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
}

describe('a metric that is used', () => {
  it.each([['the dashboard', expressionsOfDashboard], ['the alert rules', expressionsOfRules]] as const)('by %s is in a real scrape', async (_, expressions) => {
    const known = new Set([...text.matchAll(/^([a-zA-Z_:][\w:]*)[{ ]/gm)].map(([, name]) => name));
    const used = (await expressions()).map((expression) => metricsIn(expression));
    expect(used.every((names) => names.length > 0)).toBe(true);
    expect([...new Set(used.flat())].filter((name) => !known.has(name))).toEqual([]);
  });
});

describe.skipIf(!promtool)('promtool', () => {
  it('accepts the rules and the configuration', async () => {
    await run('promtool', ['check', 'config', 'prometheus.yml'], { cwd: `${DEPLOY}prometheus` });
  });

  it('accepts the text', async () => {
    const checking = run('promtool', ['check', 'metrics']);
    checking.child.stdin?.end(text);
    expect((await checking).stderr).toBe('');
  });
});

describe('a change', () => {
  it('is seen: an approval that waits, a part that was started again', async () => {
    await send(`${url}/api/v1/restores`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ repository: 'site', target: join(dir, 'other.git') }) });
    await expect.poll(scrape, { interval: 1_000 }).toMatch(/^pivo_approvals_waiting\{type="restore"\} 1$/m);
    process.kill(await pivo.workerPid(), 'SIGKILL');
    await expect.poll(scrape, { interval: 1_000, timeout: 60_000 }).toMatch(/^pivo_part_restarts_total\{part="worker"\} 1$/m);
  });
});
