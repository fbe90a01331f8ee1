// A Temporal client of a background task: connected when it is first needed, and again after a failure.
import { Client, Connection } from '@temporalio/client';
import { dataConverter } from '../stack/temporal-data.ts';
import { temporalConnectionOptions, type TemporalAddress } from '../stack/temporal-profile.ts';

export interface LazyClient {
  /** Fails while Temporal does not answer. */
  get(): Promise<Client>;
  close(): Promise<void>;
}

/**
 * Nothing is connected until the first `get`. Calls fail at once where Temporal does not answer: a background task tries again
 * by itself, and the SDK's own retries neither notice an abort while they wait nor survive the closing of the connection.
 */
export function lazyClient(temporal: TemporalAddress): LazyClient {
  let connecting: Promise<Client> | undefined;
  return {
    get: () => {
      connecting ??= connect(temporal).catch((error: unknown) => {
        connecting = undefined;
        throw error;
      });
      return connecting;
    },
    async close() {
      await (await connecting?.catch(() => undefined))?.connection.close();
    },
  };
}

async function connect(temporal: TemporalAddress): Promise<Client> {
  const connection = await Connection.connect({ ...temporalConnectionOptions(temporal), interceptors: [] });
  return new Client({ connection, namespace: temporal.namespace, dataConverter: dataConverter(temporal.codec) });
}
