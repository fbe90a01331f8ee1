// Opens what operations work with: the store at once, Temporal when an operation first asks for it.
import type { Client, Connection } from '@temporalio/client';
import { openStore, type StoreSettings } from '../archive/open.ts';
import { openLibrary } from '../archive/reading/library.ts';
import { PivoError } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';
import type { TextWriter } from '../contract/writer.ts';
import type { StatusSettings } from '../stack/status.ts';
import type { OpenVault } from '../vault/open.ts';
import type { VaultSettings } from '../vault/settings.ts';
import type { TemporalAddress } from '../stack/temporal-profile.ts';
import type { Caller, OperationContext, VaultDoor } from './operation.ts';

/** What a context needs of the configuration. */
export interface ContextSettings extends Omit<StatusSettings, 'paths' | 'temporal'> {
  store: string;
  webhdfs: NonNullable<StoreSettings['webhdfs']>;
  workerId: string;
  paths: OperationContext['paths'] & StatusSettings['paths'] & { vault: string };
  vault: VaultSettings;
  notify?: OperationContext['notify'];
  records?: OperationContext['records'];
  git: OperationContext['git'];
  forges?: OperationContext['forges'];
  drill: OperationContext['drill'];
  retention?: OperationContext['retention'];
  agent: OperationContext['agent'];
  embeddings?: OperationContext['embeddings'];
  spark?: OperationContext['spark'];
  temporal: Omit<TemporalAddress, 'address'> & { address?: string | undefined };
  /** `otlp`: this process traces. */
  telemetry?: { otlp?: string | undefined };
}

export interface OpenContext extends OperationContext {
  close(): Promise<void>;
}

/** Fails with InvalidInput when no adapter knows the store's URL. */
export function openContext(settings: ContextSettings, log: Log, caller: Caller, writer?: TextWriter): OpenContext {
  let connecting: Promise<{ client: Client; connection: Connection }> | undefined;
  const store = openStore(settings.store, settings);
  const library = openLibrary({ store, cache: settings.paths.cache });
  return {
    store,
    library,
    workerId: settings.workerId,
    paths: settings.paths,
    notify: settings.notify,
    records: settings.records,
    git: settings.git,
    forges: settings.forges,
    drill: settings.drill,
    retention: settings.retention,
    agent: settings.agent,
    embeddings: settings.embeddings,
    spark: { historyServer: settings.spark?.historyServer },
    writer,
    vault: vaultDoor(settings),
    log,
    caller,
    temporal: async () => {
      connecting ??= connect(settings.temporal, settings.telemetry?.otlp !== undefined).catch((error: unknown) => {
        connecting = undefined; // the next question tries again
        throw error;
      });
      return (await connecting).client;
    },
    status: async () => (await import('../stack/status.ts')).statusOf(settings),
    close: async () => {
      const open = await connecting?.catch(() => undefined);
      await Promise.all([open?.connection.close(), library.close()]);
    },
  };
}

async function connect({ address, namespace, codec }: ContextSettings['temporal'], traced: boolean): Promise<{ client: Client; connection: Connection }> {
  if (address === undefined) throw new PivoError('Unavailable', 'PIVO is not running', { hint: 'Start it with `pivo up --detach`, then try again; reading works without it.' });
  const [{ Client, Connection }, { temporalConnectionOptions }, data] = await Promise.all([import('@temporalio/client'), import('../stack/temporal-profile.ts'), import('../stack/temporal-data.ts')]);
  const dataConverter = data.dataConverter(codec);
  try {
    const connection = await Connection.connect({ ...temporalConnectionOptions({ address }), connectTimeout: '5 seconds' });
    const interceptors = traced ? { workflow: (await import('../stack/temporal-tracing.ts')).clientTracing() } : {};
    return { client: new Client({ connection, namespace, dataConverter, interceptors }), connection };
  } catch (error) {
    if (error instanceof PivoError) throw error;
    throw new PivoError('Unavailable', `Temporal at ${address} does not answer: ${(error as Error).message}`, { hint: 'Start PIVO with `pivo up --detach`, or correct TEMPORAL_ADDRESS.', cause: error });
  }
}

/** Opened once; the process's end closes it: nothing is left unwritten between two calls. */
function vaultDoor({ paths, vault }: ContextSettings): VaultDoor | undefined {
  if (!vault.enabled) return undefined;
  let opening: Promise<OpenVault> | undefined;
  const open = async (): Promise<OpenVault> => (await import('../vault/open.ts')).openVaultOf(paths.vault, vault) as OpenVault;
  return {
    rules: vault.rules,
    key: vault.key.name,
    checkKey: () => void vault.key.read(),
    open: () =>
      (opening ??= open().catch((error: unknown) => {
        opening = undefined; // the next question tries again
        throw error;
      })),
  };
}
