// Pieces that the help of every command shares.

/** Help text that ends with examples. */
export const example = (...lines: string[]): string => `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.map((line) => `  $ ${line}\n`).join('')}`;

export const JSON_OPTION = ['--json', 'answer in JSON, for programs'] as const;

/** What `REPO[@POINT]` means. */
export const POINT_HELP = `
REPO[@POINT]: a repository, at a commit (short too), snapshot id, branch, tag or instant (ISO 8601, UTC without a zone;
a date alone means the end of that day), or "current": the last backup that the gate lets through (pivo gate).
Without a point: the last backup.
`;
