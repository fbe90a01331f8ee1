// Waits of days, on a server that skips them: tries at a delivery, and what a forge asks for. Schedules are proven elsewhere, for this server has none.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PivoError } from '../../contract/failures.ts';
import { TASK_QUEUE, WORKFLOW, deliverWorkflowId, discoverWorkflowId } from '../../contract/names.ts';
import type { Notification } from '../../contract/notification.ts';
import { LONGEST_WAIT, waitBefore } from '../../notify/answer.ts';
import { ordersFor } from '../../notify/orders.ts';
import { listDeliveries, stateDeliveries } from '../../state/deliveries.ts';
import type { Discovery } from '../../contract/source.ts';
import { startWorker, testDeps, unique, type StandIns, type TestTemporal, type TestWorker } from '../harness/temporal.ts';
import { hasTimeSkipping, startTimeSkipping } from '../harness/time-skipping.ts';
import { startMailServer, type MailServer } from '../notify/mail-server.ts';
import { targetsOf } from '../notify/targets.ts';

const HOUR = 3_600_000;
const skipped = !(await hasTimeSkipping());

describe.skipIf(skipped)('on a server that skips waits (Java, Maven)', () => {
  let temporal: TestTemporal;
  let mail: MailServer;
  beforeAll(async () => {
    temporal = await startTimeSkipping();
    mail = await startMailServer({ hideSTARTTLS: true });
  });
  afterAll(async () => {
    await mail.stop();
    await temporal.stop();
  });

  const working = async (options: Partial<Parameters<typeof startWorker>[1]>, use: (worker: TestWorker) => Promise<void>): Promise<void> => {
    const worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, ...options });
    try {
      await use(worker);
    } finally {
      await worker.stop();
    }
  };

  /** What a workflow gives, and milliseconds from its start to its end by the server's clock. */
  async function run(type: string, workflowId: string, input: object): Promise<{ result: unknown; took: number }> {
    const handle = await temporal.client.workflow.start(type, { workflowId, taskQueue: TASK_QUEUE, args: [input] });
    const result: unknown = await handle.result();
    const { startTime, closeTime } = await handle.describe();
    return { result, took: (closeTime?.getTime() ?? 0) - startTime.getTime() };
  }

  /** A delivery to the mail server, of a target that is tried so often. */
  async function delivered(attempts: number): Promise<{ status: unknown; took: number; tried: number }> {
    const workerId = unique('worker');
    const deps = testDeps(temporal, workerId);
    const state = join(temporal.folder, workerId, 'state.db');
    const targets = targetsOf([{ name: 'ops', rate: 1_000, attempts, email: { to: 'ops@example.com', from: 'pivo@example.org', host: '127.0.0.1', port: mail.port, tls: 'none' } }]);
    const news: Notification = { event: 'visit.done', key: unique('visit'), time: new Date().toISOString(), repository: 'execa', facts: {} };
    const [order] = ordersFor(news, targets);
    if (order === undefined) throw new Error('no order');
    const deliveries = stateDeliveries(state);
    deliveries.add([order]);
    let end: { status: unknown; took: number; tried: number } | undefined;
    await working({ workerId, deps: { ...deps, notify: { targets, deliveries } } }, async () => {
      const { result: status, took } = await run(WORKFLOW.deliver, deliverWorkflowId(order.id), { delivery: order.id, worker: workerId });
      end = { status, took, tried: listDeliveries(state, {}, 1)[0]?.attempts ?? 0 };
    });
    await deps.events.close();
    if (end === undefined) throw new Error('no end');
    return end;
  }

  /** Milliseconds of all waits before attempt `attempts`, at the most. */
  const waits = (attempts: number): number => Array.from({ length: attempts - 1 }, (_, i) => waitBefore(i + 1, null, { chance: () => 0 })).reduce((sum, wait) => sum + wait, 0);

  it('a mail server that is full for days is tried ever more seldom, once an hour at the least, until it takes the mail', async () => {
    mail.answer({ mail: () => (mail.asked.length < 80 ? [452, '4.2.2 mailbox full'] : null) });
    const { status, took, tried } = await delivered(100);
    expect([status, tried]).toEqual(['delivered', 80]);
    expect(took).toBeGreaterThan(waits(80) / 2);
    expect(took).toBeLessThan(waits(80) + HOUR);
    expect(took).toBeGreaterThan(36 * HOUR);
    expect(waitBefore(79, null, { chance: () => 0 })).toBe(LONGEST_WAIT);
  });

  it('a mail server that never takes the mail is given up after so many attempts', async () => {
    mail.answer({ mail: () => [452, '4.2.2 mailbox full'] });
    const { status, took, tried } = await delivered(10);
    expect([status, tried]).toEqual(['dead', 10]);
    expect(took).toBeGreaterThan(waits(10) / 2);
    expect(took).toBeLessThan(waits(10) + HOUR);
  });

  it('a forge that asks for five hours before each page is listed to its end, days later', async () => {
    const pages = 20;
    const asked: string[] = [];
    const standIns: StandIns = {
      beginDiscovery: async () => {},
      async discoverPage(_deps, { cursor }) {
        const page = Number(cursor ?? '1');
        const again = asked.includes(String(page));
        asked.push(String(page));
        if (!again) throw new PivoError('Unavailable', 'the forge answered 403: API rate limit exceeded', { facts: { retryAfter: 5 * 3_600 } });
        return { cursor: page === pages ? null : String(page + 1), listed: 100 };
      },
      missingInDiscovery: async () => 0,
      endDiscovery: async (_deps, { source }): Promise<Discovery> => ({ source, discovery: 'd', dryRun: false, listed: 2_000 }) as unknown as Discovery,
    };
    await working({ standIns }, async () => {
      const source = unique('acme');
      const { took } = await run(WORKFLOW.discover, discoverWorkflowId(source), { source });
      expect(asked).toHaveLength(2 * pages);
      expect(took).toBeGreaterThanOrEqual(pages * 5 * HOUR);
      expect(took).toBeLessThan(pages * 5 * HOUR + HOUR);
    });
  });
});
