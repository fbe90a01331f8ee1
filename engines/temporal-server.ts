// The Temporal dev server's command line and readiness, for all that start one.
import { IP, isListening } from './ports.ts';

/** The server's own pauses between polls of its queues are 50 ms a step; these make a step cost what it costs. */
const DYNAMIC_CONFIG = {
  'history.transferProcessorMaxPollRPS': 1000,
  'history.timerProcessorMaxPollRPS': 1000,
  'history.visibilityProcessorMaxPollRPS': 200,
  /** A run that is to be deleted waits for these to pass, up to twice each. */
  'history.transferProcessorUpdateAckInterval': '"5s"',
  'history.visibilityProcessorUpdateAckInterval': '"5s"',
  'history.timerProcessorUpdateAckInterval': '"5s"',
} as const;

/** An acknowledged step survives a power loss, at WAL's price. */
const SQLITE_PRAGMAS = { journal_mode: 'WAL', synchronous: 'FULL' } as const;

export interface TemporalServerSettings {
  /** Where workflows live on; null: in memory. */
  dbFile: string | null;
  namespace: string;
  /** Name to type, e.g. `{ PivoRepo: 'Keyword' }`. */
  searchAttributes: Readonly<Record<string, string>>;
}

/** Arguments of the Temporal CLI for a server on loopback; without a page where `uiPort` is null. */
export function temporalServerArgs(settings: TemporalServerSettings, port: number, uiPort: number | null): string[] {
  const pairs = (flag: string, values: Readonly<Record<string, string | number>>): string[] => Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  return [
    'server', 'start-dev', '--ip', IP, '--port', `${port}`, '--namespace', settings.namespace, '--log-level', 'warn', '--log-format', 'json',
    ...(uiPort === null ? ['--headless'] : ['--ui-ip', IP, '--ui-port', `${uiPort}`, '--ui-disable-news-fetch']),
    ...(settings.dbFile === null ? [] : ['--db-filename', settings.dbFile, ...pairs('--sqlite-pragma', SQLITE_PRAGMAS)]),
    ...pairs('--dynamic-config-value', DYNAMIC_CONFIG),
    ...pairs('--search-attribute', settings.searchAttributes),
  ];
}

/** What a server's log says when another process took one of its ports: it takes some for its inner services as well, and panics with a long trace then. */
export const TEMPORAL_LOST_A_PORT = /address already in use|panic:/;

/** True when the server knows its namespace and its page is there; anything else means not yet. */
export async function temporalAnswers(namespace: string, port: number, uiPort: number | null): Promise<boolean> {
  const listening = await Promise.all([port, ...(uiPort === null ? [] : [uiPort])].map((each) => isListening(IP, each)));
  if (listening.includes(false)) return false;
  const { Connection } = await import('@temporalio/client');
  const connection = Connection.lazy({ address: `${IP}:${port}`, tls: false });
  try {
    await connection.withDeadline(Date.now() + 1000, () => connection.workflowService.describeNamespace({ namespace }));
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}
