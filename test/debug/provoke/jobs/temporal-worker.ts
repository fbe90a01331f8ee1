// A worker as its users write it: `temporal-worker.ts ADDRESS NAMESPACE QUEUE WORKFLOWS SECONDS`.
import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';

const [address = '', namespace = '', taskQueue = '', workflowsPath = '', seconds = '10'] = process.argv.slice(2);

try {
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    identity: 'orders-worker',
    workflowsPath,
    shutdownGraceTime: '1 second',
    shutdownForceTime: '2 seconds',
    activities: { copyRows: () => sleep(6_000, 'copied'), scanTable: () => sleep(6_000, 'scanned'), exportAll: () => Promise.resolve('row,'.repeat(1_200_000)) },
  });
  setTimeout(() => worker.shutdown(), Number(seconds) * 1_000);
  await worker.run();
} catch (error) {
  process.stderr.write(`${new Date().toISOString()} [ERROR] the orders worker stopped\n${(error as Error).stack}\n`);
  process.exitCode = 1;
}
