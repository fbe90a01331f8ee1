// The alerts of the spool, by Prometheus' own judge: when each fires, and that none does while all is well.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const run = promisify(execFile);
const RULES = fileURLToPath(new URL('../../deploy/prometheus/pivo-alerts.yml', import.meta.url));
const promtool = await run('promtool', ['--version']).then(() => true, () => false);

/** Two series by the minute: after 20 minutes the bad one raises the alert, the good one none. */
const CASES = [
  { alert: 'PivoSpoolStuck', bad: ['pivo_spool_oldest_seconds{kind="push",folder="incoming"}', '0+60x30'], good: ['pivo_spool_oldest_seconds{kind="push",folder="incoming"}', '0x30'], labels: { kind: 'push', severity: 'critical' }, summary: 'Segments of push wait for 20m 0s' },
  { alert: 'PivoSpoolStuck', bad: ['pivo_spool_oldest_seconds{kind="event",folder="processing"}', '700x30'], good: ['pivo_spool_oldest_seconds{kind="event",folder="processing"}', '2x30'], labels: { kind: 'event', severity: 'critical' }, summary: 'Segments of event wait for 11m 40s' },
  { alert: 'PivoSpoolFailedSegments', bad: ['pivo_spool_segments{kind="event",folder="failed"}', '2x30'], good: ['pivo_spool_segments{kind="event",folder="incoming"}', '2x30'], labels: { kind: 'event', folder: 'failed', severity: 'warning' }, summary: '2 segments of event could not be stored' },
  { alert: 'PivoRecordsDown', bad: ['pivo_records_up', '0x30'], good: ['pivo_records_up', '1x30'], labels: { severity: 'critical' }, summary: 'The records database cannot be asked' },
  { alert: 'PivoDeliveriesDead', bad: ['pivo_deliveries{target="chat",status="dead"}', '3x30'], good: ['pivo_deliveries{target="chat",status="pending"}', '3x30'], labels: { target: 'chat', status: 'dead', severity: 'warning' }, summary: '3 notifications to chat were given up' },
  { alert: 'PivoPushBackupsFailing', bad: ['pivo_push_backups{state="failed"}', '1x30'], good: ['pivo_push_backups{state="running"}', '1x30'], labels: { state: 'failed', severity: 'warning' }, summary: 'Backups that pushes asked for fail: 1' },
] as const;

describe.skipIf(!promtool)(`alerts of the spool${promtool ? '' : ' (need promtool)'}`, () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-alerts-'));
  });
  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  /** One judgement of a series; JSON is YAML. */
  const judged = (alert: string, [series, values]: readonly [string, string], expected: object[]): object => ({
    interval: '1m',
    input_series: [{ series, values }],
    alert_rule_test: [{ eval_time: '20m', alertname: alert, exp_alerts: expected }],
  });

  const test = async (tests: object[]): Promise<string> => {
    const file = join(dir, 'test.yml');
    await writeFile(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: '1m', tests }));
    return run('promtool', ['test', 'rules', file]).then(({ stdout }) => stdout, (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`);
  };

  it.each(CASES)('$alert fires: $summary; and not while all is well', async ({ alert, bad, good, labels, summary }) => {
    const { groups } = parse(await readFile(RULES, 'utf8')) as { groups: { rules: { alert: string; annotations: { description: string } }[] }[] };
    const description = groups.flatMap(({ rules }) => rules).find((rule) => rule.alert === alert)?.annotations.description;
    expect(await test([judged(alert, good, []), judged(alert, bad, [{ exp_labels: labels, exp_annotations: { summary, description } }])])).toContain('SUCCESS');
  });
});
