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

/** What a restore of many chose, in the order of names. */
export const chosenPath = (restoreId: string): string => `${restorePath(restoreId)}/chosen.json`;
/** Rows of its plan from the repository `from` on; joined into `plans.json`. */
export const plannedPath = (restoreId: string, from: number): string => `${restorePath(restoreId)}/planned/${from}.json`;
/** The plan of a restore of many as it was hashed. */
export const plansPath = (restoreId: string): string => `${restorePath(restoreId)}/plans.json`;
/** What became of each repository in the one Spark application of a restore of many. */
export const reconstructionsPath = (restoreId: string): string => `${restorePath(restoreId)}/reconstructions.json`;
/** Why one repository of a restore of many did not come back. */
export const failurePath = (restoreId: string): string => `${restorePath(restoreId)}/failure.json`;
/** The receipt of receipts. */
export const receiptsPath = (restoreId: string): string => `${restorePath(restoreId)}/receipts.json`;

export const retentionFolder = (repository: string): string => `${repositoryPath(repository)}/retention`;
/** Which checkouts were removed by a person's decision: docs/format.md. */
export const retentionPath = (repository: string, number: number): string => `${retentionFolder(repository)}/${number}.json`;

/** Folder of what was exported of a repository's forge: docs/format.md. */
export const forgeFolder = (repository: string): string => `${repositoryPath(repository)}/forge`;
export const forgeExportPath = (repository: string, number: number): string => `${forgeFolder(repository)}/${number}.json`;
/** Lines of one kind; `take` counts the runs that died before the export stood, from 1. */
export const forgeLinesPath = (repository: string, number: number, kind: string, take: number): string => `${forgeFolder(repository)}/${number}/${kind}${take === 1 ? '' : `.${take}`}.jsonl`;
/** A file of a release, by its own SHA-256. */
export const forgeAssetPath = (repository: string, sha256: string): string => `${forgeFolder(repository)}/assets/${sha256.slice(0, 2)}/${sha256}`;

/** Objects of Git LFS and the ledger of what became of each: docs/format.md. The folder is laid out as git-lfs lays out its own. */
export const lfsFolder = (repository: string): string => `${repositoryPath(repository)}/lfs`;
export const lfsObjectPath = (repository: string, oid: string): string => `${lfsFolder(repository)}/objects/${oid.slice(0, 2)}/${oid.slice(2, 4)}/${oid}`;
export const lfsLedgerFolder = (repository: string): string => `${lfsFolder(repository)}/ledger`;
export const lfsLedgerPath = (repository: string, number: number): string => `${lfsLedgerFolder(repository)}/${number}.jsonl`;
