// Records the histories of a vault's migration that test/workflows/replay.test.ts replays: `node test/vault/record-histories.ts`.
import { join } from 'node:path';
import { hideRepository } from '../../activities/vault/hide-repository.ts';
import { PivoError } from '../../contract/failures.ts';
import { MIGRATE_VAULT_WORKFLOW_ID, WORKFLOW } from '../../contract/names.ts';
import { openVaultOf } from '../../vault/open.ts';
import { VaultTable, vaultSettings } from '../../vault/settings.ts';
import { openIngest } from '../harness/ingest.ts';
import { failing, recordRun, saveContinued } from '../harness/recorder.ts';
import { startTemporal, unique } from '../harness/temporal.ts';
import { plantedOrigin } from './planted.ts';

const temporal = await startTemporal({ mostEvents: 20 });
const home = join(temporal.folder, 'home');
const pivo = await openIngest(home);
const vault = openVaultOf(join(home, 'vault.db'), vaultSettings(VaultTable.parse({ enabled: true }), join(home, 'vault.key'), {}));
const deps = { ...pivo.deps, vault, home: { state: join(home, 'state.db'), logs: join(home, 'logs'), compactHistories() {}, reindex: async () => {} } };

try {
  const origin = join(temporal.folder, 'origin.git');
  await plantedOrigin(origin);
  for (const name of ['acme.a', 'acme.b', 'acme.c']) await pivo.ingest(origin, name);
  const workerId = unique('worker');
  const busy = failing(1, new PivoError('Unavailable', 'the event log is busy'));
  await recordRun(temporal, {
    type: WORKFLOW.migrateVault, workflowId: MIGRATE_VAULT_WORKFLOW_ID, args: [{ worker: workerId, actor: 'recorder' }],
    worker: { workerId, deps, standIns: { hideRepository: async (...act) => (busy(), hideRepository(...act)) } },
    keep: (run) => saveContinued(temporal, ['migrate-vault.continued', 'migrate-vault.done'], run),
  });
} finally {
  vault?.vault.close();
  await pivo.close();
  await temporal.stop();
}
process.exit();
