// The text of `/metrics`: its format, several processes' texts as one, and how many series many repositories have.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exposition, merged } from '../../apps/server/metrics/exposition.ts';
import { metricsPage } from '../../apps/server/metrics/page.ts';
import { loadConfig, type Config } from '../../config.ts';
import type { AuditEvent } from '../../contract/events.ts';
import { openIndexWriter } from '../../metadata/writer.ts';
import { openContext, type OpenContext } from '../../operations/context.ts';
import { runTotals } from '../../operations/run-totals.ts';
import { recordAddress } from '../../stack/address.ts';
import { silentLog } from '../harness/temporal.ts';
import { fillLargeIndex } from './large-index.ts';

let dir: string;
let config: Config;
let context: OpenContext;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-metrics-'));
  config = loadConfig({ PIVO_HOME: dir });
  await mkdir(config.paths.run, { recursive: true });
  fillLargeIndex(config.paths.index, { repositories: 1_000, visits: 3, commits: 10 });
  context = openContext(config, silentLog, { user: 'ada', via: 'cli', owner: true });
});
afterAll(async () => {
  await context.close();
  await rm(dir, { recursive: true, force: true });
});

const pageWith = (repositories: number): Promise<string> => metricsPage({ config: { ...config, telemetry: { repositories } }, context })();
const seriesOf = (text: string, name: string): string[] => text.split('\n').filter((line) => line.startsWith(`${name}{`));

describe('the text format', () => {
  it('keeps every value of a label: quotes, backslashes and newlines', () => {
    expect(exposition([{ name: 'a', type: 'gauge', help: 'An a.', samples: [{ labels: { b: 'x"y\\z\n' }, value: 1 }] }])).toBe('# HELP a An a.\n# TYPE a gauge\na{b="x\\"y\\\\z\\n"} 1\n');
  });

  it('says each family of several processes once, and which process a sample is of', () => {
    const text = '# HELP t A t.\n# TYPE t histogram\nt_bucket{b="}x{",le="1"} 1\nt_count 2\n';
    expect(merged([{ process: 'worker', text }, { process: 'agent', text: `${text}# TYPE u gauge\nu 3\n` }])).toBe(
      '# HELP t A t.\n# TYPE t histogram\nt_bucket{b="}x{",le="1",process="worker"} 1\nt_count{process="worker"} 2\nt_bucket{b="}x{",le="1",process="agent"} 1\nt_count{process="agent"} 2\n# TYPE u gauge\nu{process="agent"} 3\n',
    );
  });
});

describe('a thousand repositories', () => {
  it('have series of their own, also where nothing runs', async () => {
    const text = await pageWith(1_000);
    expect(seriesOf(text, 'pivo_repository_last_visit_timestamp_seconds')).toHaveLength(1_000);
    expect(text).toContain('\npivo_repositories_without_series 0\n');
    expect(text).toContain('\npivo_part_up{part="worker"} 0\n');
    expect(seriesOf(text, 'pivo_repository_last_failure_timestamp_seconds')).toEqual([expect.stringContaining('"small-8"')]);
    expect(seriesOf(text, 'pivo_repository_lost_refs').find((line) => line.includes('"small-7"'))).toMatch(/ 3$/);
  });

  it('have no more than the limit, the longest unvisited first; the totals count all', async () => {
    const text = await pageWith(1);
    expect(seriesOf(text, 'pivo_repository_last_visit_timestamp_seconds')).toEqual([expect.stringContaining('"large"')]);
    expect(text).toContain('\npivo_repositories_without_series 999\n');
    expect(text).toContain('\npivo_repositories 1000\n');
  });
});

describe('totals of runs', () => {
  const audit = (id: string, action: AuditEvent['action'], details: AuditEvent['details']): AuditEvent => ({ type: 'AUDIT', id, time: new Date().toISOString(), action, outcome: 'done', repository: 'small-1', actor: 'ada', workflow: null, details });
  const write = (events: AuditEvent[]): void => {
    const writer = openIndexWriter(config.paths.index);
    writer.write(events);
    writer.close();
  };

  it('count each record once, however often they are asked and the same record comes', async () => {
    const look = async (): Promise<Record<string, [number, number]>> => Object.fromEntries((await runTotals(config.paths.index, AbortSignal.timeout(60_000))).map(({ action, outcome, count, bytes }) => [`${action} ${outcome}`, [count, bytes]]));
    expect(await look()).toEqual({ 'ingest failed': [1, 0] });
    write([audit('audit:2', 'ingest', { newBytes: 5 }), audit('audit:3', 'restore', { proof: { bytesVerified: 7 } }), audit('audit:4', 'approve', {})]);
    expect(await look()).toEqual({ 'ingest failed': [1, 0], 'ingest done': [1, 5], 'restore done': [1, 7] });
    write([audit('audit:2', 'ingest', { newBytes: 5 }), audit('audit:5', 'ingest', { newBytes: 6 })]);
    expect(await look()).toEqual({ 'ingest failed': [1, 0], 'ingest done': [2, 11], 'restore done': [1, 7] });
  });
});

describe('a process that has metrics of its own', () => {
  it('is part of the text while it answers, and left out when it does not', async () => {
    const exporter = createServer((_, response) => void response.end('# TYPE temporal_x gauge\ntemporal_x 1\n'));
    await once(exporter.listen(0, '127.0.0.1'), 'listening');
    recordAddress(config.paths.run, 'worker-metrics', `http://127.0.0.1:${(exporter.address() as AddressInfo).port}/metrics`);
    expect(await pageWith(0)).toContain('temporal_x{process="worker"} 1\n');
    exporter.closeAllConnections();
    exporter.close();
    await once(exporter, 'close');
    expect(await pageWith(0)).not.toContain('temporal_x');
  });
});
