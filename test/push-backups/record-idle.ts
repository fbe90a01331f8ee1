// Records the history of a run without pushes that test/workflows/replay.test.ts replays: `node test/push-backups/record-idle.ts`, with Java and Maven, for a server that skips its hour.
import { WORKFLOW, pushBackupsWorkflowId } from '../../contract/names.ts';
import { recordRun } from '../harness/recorder.ts';
import { startTimeSkipping } from '../harness/time-skipping.ts';

const temporal = await startTimeSkipping();
try {
  await recordRun(temporal, { type: WORKFLOW.pushBackups, workflowId: pushBackupsWorkflowId('recorded'), args: [{}], keep: 'push-backups.idle' });
} finally {
  await temporal.stop();
}
process.exit();
