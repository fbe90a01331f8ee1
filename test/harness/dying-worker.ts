// Entry of a worker process that kills itself with SIGKILL at a chosen call of a port; says `{ type: 'ready' }` over IPC.
import { chmod, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Store } from '../../archive/store.ts';
import { TOPIC } from '../../contract/names.ts';
import type { EventLog } from '../../events/log.ts';
import { installRuntime } from '../../stack/temporal-runtime.ts';
import { silentLog, startWorker, testDeps, type TestTemporal } from './temporal.ts';

const [address = '', folder = '', taskQueue = '', workerId = '', dieAt = '', shared = workerId] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
}

/** Dies before the call that touches a path which holds `before:…`. */
function dyingStore(store: Store, at: string): Store {
  const check = (path: string): void => {
    if (at.startsWith('before:') && path.includes(at.slice('before:'.length))) die();
  };
  return {
    ...store,
    create: (path, content, signal) => (check(path), store.create(path, content, signal)),
    adopt: (path, file, proof, signal) => (check(path), store.adopt(path, file, proof, signal)),
    layOut: (path, source, signal) => (check(`layout:${path}`), store.layOut(path, source, signal)),
    removeCheckout: async (path) => {
      check(`remove:${path}`);
      if (at === 'mid-remove') await dieRemoving(store, path);
      await store.removeCheckout(path);
      if (at === 'removed') die();
    },
  };
}

/** Dies when the checkout has lost its name and some of its files. */
async function dieRemoving(store: Store, path: string): Promise<void> {
  const full = store.localPath(path) ?? '';
  const aside = join(dirname(full), `.tmp-removed-${basename(full)}`);
  await rename(full, aside);
  await chmod(aside, 0o755);
  const [first = ''] = await readdir(aside);
  await rm(join(aside, first), { recursive: true });
  die();
}

/** Dies before or after the commit events are published. */
function dyingEvents(events: EventLog, at: string): EventLog {
  return {
    ...events,
    publish: async (topic, messages, signal) => {
      if (topic === TOPIC.commits && at === 'publish') die();
      await events.publish(topic, messages, signal);
      if (topic === TOPIC.commits && at === 'published') die();
    },
  };
}

const temporal = { server: { address }, folder } as TestTemporal;
const deps = testDeps(temporal, workerId, shared);
installRuntime(silentLog);
await startWorker(temporal, { taskQueue, workerId, deps: { ...deps, retention: { checkouts: { keep: 1 } }, store: dyingStore(deps.store, dieAt), events: dyingEvents(deps.events, dieAt) } });
process.send?.({ type: 'ready' });
