// What HDFS means when it refuses: its RemoteException, as a PivoError.
import type { FailureKind } from '../../contract/failures.ts';
import { PivoError } from '../../contract/failures.ts';

/** One request, as errors name it: never its URL, which may carry a token. */
export interface Asked {
  operation: string;
  /** Absolute path in HDFS. */
  path: string;
  /** `host:port` of the server that was asked. */
  server: string;
}

/** Kinds by the class of the exception (org.apache.hadoop.hdfs.protocol and org.apache.hadoop.fs, Hadoop 2.7 to 3.5). */
const KINDS: Record<string, FailureKind> = {
  FileAlreadyExistsException: 'Exists',
  AlreadyBeingCreatedException: 'Exists',
  FileNotFoundException: 'NotFound',
  ParentNotDirectoryException: 'NotFound',
  AccessControlException: 'StorageReadOnly',
  SnapshotAccessControlException: 'StorageReadOnly',
  AuthorizationException: 'StorageReadOnly',
  QuotaExceededException: 'StorageFull',
  NSQuotaExceededException: 'StorageFull',
  DSQuotaExceededException: 'StorageFull',
  QuotaByStorageTypeExceededException: 'StorageFull',
  DiskOutOfSpaceException: 'StorageFull',
  'FSLimitException$MaxDirectoryItemsExceededException': 'StorageFull',
  MaxDirectoryItemsExceededException: 'StorageFull',
  PathComponentTooLongException: 'InvalidInput',
  InvalidPathException: 'InvalidInput',
  InvalidToken: 'CredentialMissing',
  AuthenticationException: 'CredentialMissing',
  SafeModeException: 'StorageUnavailable',
};

/**
 * What the NameNode says when no DataNode has room for a block (BlockManager#chooseTarget4NewBlock): a plain IOException.
 * DataNodes that run and none that was left out, because it failed, tell it from a cluster whose DataNodes are gone.
 */
const NO_ROOM = /could only be (?:written|replicated) to 0 (?:of the \d+ minReplication nodes|nodes instead of minReplication).*There are [1-9]\d* datanode\(s\) running and no node\(s\) are excluded/;

const NONE_CHOSEN = /^Failed to find datanode\b.*excludeDatanodes=null$/;

const HINTS: Partial<Record<FailureKind, string>> = {
  StorageReadOnly: 'Give this user the right to write there (HADOOP_USER_NAME, or webhdfs.user in config.toml), then start again.',
  StorageFull: 'Raise the quota (`hdfs dfs -count -q` shows it) or add space to the DataNodes, then start again: what was archived before is untouched.',
  StorageUnavailable: 'It is tried again; if it stays so, look at the NameNode and the DataNodes.',
  CredentialMissing: 'Renew the delegation token in webhdfs.tokenFile.',
};

/** The error for an answer that says no; `body` is what came with it. */
export function refusal(asked: Asked, status: number, body: string): PivoError {
  const remote = remoteException(body);
  const kind = (remote === null ? undefined : kindOf(remote)) ?? kindOfStatus(status);
  const said = remote === null ? `HTTP ${status}` : `${remote.exception}: ${remote.message}`;
  return failure(kind, asked, said, { status, ...(remote === null ? {} : { exception: remote.exception, ...(NONE_CHOSEN.test(remote.message) ? { dataNode: 'none' } : {}) }) });
}

/** An answer that cannot be trusted: not what the operation answers with. */
export const nonsense = (asked: Asked, said: string): PivoError => failure('StorageUnavailable', asked, said);

/** DataNodes are there, and none has room for one more block. */
export const noRoom = (asked: Asked, blockBytes: number, cause: unknown): PivoError => failure('StorageFull', asked, `no DataNode has room for a block of ${blockBytes} bytes`, {}, cause);

/** The NameNode chose no DataNode although none was left out (NamenodeWebHdfsMethods#redirectURI): there is none, or all are full. */
export const noneChosen = (error: unknown): boolean => error instanceof PivoError && error.facts['dataNode'] === 'none';

/** The connection failed, or nothing came in time. */
export const lost = (asked: Asked, cause: unknown): PivoError => failure('StorageUnavailable', asked, (cause as Error).message, { connection: 'lost' }, cause);

/** True for a failure after which another NameNode may do better: no connection, or not the active one. */
export const isForAnother = (error: unknown): error is PivoError =>
  error instanceof PivoError && (error.facts['connection'] === 'lost' || error.facts['exception'] === 'StandbyException' || error.facts['exception'] === 'ObserverRetryOnActiveException');

function failure(kind: FailureKind, asked: Asked, said: string, facts: Record<string, unknown> = {}, cause?: unknown): PivoError {
  const hint = HINTS[kind];
  return new PivoError(kind, `${asked.operation} ${asked.path} at ${asked.server}: ${said}`, { ...(hint === undefined ? {} : { hint }), facts: { ...asked, ...facts }, ...(cause === undefined ? {} : { cause }) });
}

const kindOf = ({ exception, message }: { exception: string; message: string }): FailureKind | undefined => (exception === 'IOException' && NO_ROOM.test(message) ? 'StorageFull' : KINDS[exception]);

function kindOfStatus(status: number): FailureKind {
  if (status === 401) return 'CredentialMissing';
  return status === 400 || status === 405 ? 'InvalidInput' : 'StorageUnavailable';
}

/** DataNodes add their Java stack to the message: only its first line is told. */
function remoteException(body: string): { exception: string; message: string } | null {
  try {
    const { exception, javaClassName, message } = (JSON.parse(body) as { RemoteException: Record<string, unknown> }).RemoteException;
    const name = typeof javaClassName === 'string' ? (javaClassName.split(/[.$]/).at(-1) ?? '') : String(exception);
    return { exception: name, message: String(message).split('\n')[0]?.slice(0, 500) ?? '' };
  } catch {
    return null;
  }
}
