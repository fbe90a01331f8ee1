// Records the histories of deliveries that test/workflows/replay.test.ts replays: `node test/notify/record-histories.ts`.
import type { Delivery } from '../../contract/notification.ts';
import { deliverWorkflowId } from '../../contract/names.ts';
import { saveHistory } from '../harness/recorder.ts';
import { startTemporal } from '../harness/temporal.ts';
import { news, openHome } from './home.ts';
import { ok, startReceiver, status } from './receiver.ts';

const temporal = await startTemporal({ mostEvents: 20 });
const receiver = await startReceiver((response, received, number) => (number > 3 ? ok : status(503))(response, received, number));
const home = await openHome(temporal, [{ name: 'chat', url: receiver.url, rate: 1_000 }]);

/** Tells of something, and waits until that came to its end. */
async function deliver(end: Delivery['status']): Promise<string> {
  await home.tell(news());
  for (;;) {
    const [ended] = home.deliveries({ status: end });
    if (ended !== undefined) return deliverWorkflowId(ended.id);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

try {
  const delivered = await deliver('delivered'); // at the fourth try, in its second history
  await temporal.client.workflow.getHandle(delivered).result();
  await saveHistory(temporal, 'deliver.done', delivered);
  for await (const { runId } of temporal.client.workflow.list({ query: `WorkflowId = '${delivered}' AND ExecutionStatus = 'ContinuedAsNew'` })) await saveHistory(temporal, 'deliver.continued', delivered, runId);
  receiver.answer(status(400));
  const dead = await deliver('dead');
  await temporal.client.workflow.getHandle(dead).result();
  await saveHistory(temporal, 'deliver.dead', dead);
} finally {
  await home.stop();
  await receiver.stop();
  await temporal.stop();
}
process.exit();
