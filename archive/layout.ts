// Where everything lies in the archive: the one place that knows the paths.

/** Folder of a repository: everything archived of it is below. */
export const repositoryPath = (repository: string): string => `backups/${repository}`;
export const objectsPath = (repository: string): string => `${repositoryPath(repository)}/objects`;
export const packFolder = (repository: string): string => `${objectsPath(repository)}/pack`;
export const packPath = (repository: string, pack: string, extension: 'pack' | 'idx'): string => `${packFolder(repository)}/${pack}.${extension}`;
export const visitsFolder = (repository: string): string => `${repositoryPath(repository)}/visits`;
export const visitPath = (repository: string, seq: number): string => `${visitsFolder(repository)}/${seq}.json`;
export const decisionsFolder = (repository: string): string => `${repositoryPath(repository)}/decisions`;
/** What the gate, its policy or a person decided: docs/format.md. */
export const decisionPath = (repository: string, number: number): string => `${decisionsFolder(repository)}/${number}.json`;
export const checkoutPath = (repository: string, commit: string): string => `${repositoryPath(repository)}/${commit}`;
export const restorePath = (restoreId: string): string => `restores/${restoreId}`;
/** The plan as it was hashed: the SHA-256 of this file is the plan's hash. */
export const planPath = (restoreId: string): string => `${restorePath(restoreId)}/plan.json`;
export const receiptPath = (restoreId: string): string => `${restorePath(restoreId)}/receipt.json`;

/** Folder of one audit record, by day: `audit/2026/11/21/{id}.json`; an id's `:` becomes `_`. */
export const auditPath = (time: string, id: string): string => `audit/${time.slice(0, 10).replaceAll('-', '/')}/${id.replaceAll(':', '_')}.json`;

/**
 * Folder of a snapshot below its repository's: `snapshots/snp-{hex}`, for a shallow origin
 * `snapshots/snp-{hex}-shallow-{hash of the boundary}`. HDFS allows no `:` in names.
 */
export function snapshotFolder(id: string, boundaryHash: string | null): string {
  const hex = id.split(':').at(-1) ?? '';
  return boundaryHash === null ? `snapshots/snp-${hex}` : `snapshots/snp-${hex}-shallow-${boundaryHash}`;
}

/** The address of one file of one commit, the way people, events and Spark write it. */
export const hdfsPath = (repository: string, commit: string): string => `/backups/${repository}/${commit}`;
