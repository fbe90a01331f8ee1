// Entry of the metadata service's process.
import { openStore } from '../archive/open.ts';
import { loadConfig } from '../config.ts';
import { openEventLog } from '../events/open.ts';
import { createLog } from '../log.ts';
import { runPart } from '../stack/child.ts';
import { openVaultOf } from '../vault/open.ts';
import { serveMetadata } from './metadata-http.ts';
import { MetadataService } from './metadata-service.ts';

const config = loadConfig();
const log = createLog(config, 'METADATA-SVC');

await runPart(log, async () => {
  const events = openEventLog(config.events, { kafka: config.kafka, log });
  const vault = openVaultOf(config.paths.vault, config.vault);
  const service = new MetadataService({ index: config.paths.index, events, store: openStore(config.store, config), cache: config.paths.cache, log, vault });
  const server = await serveMetadata(service, config.paths.metadataSocket, log);
  log.info({ socket: config.paths.metadataSocket, events: events.url }, 'ready');
  return async () => {
    server.close();
    server.closeAllConnections();
    await service.stop();
    await events.close();
    vault?.vault.close();
    log.info({}, 'stopped');
  };
});
