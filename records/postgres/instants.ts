// Times as the tables keep them, as PIVO counts them.

/** The column `time` in milliseconds since 1970. */
export const MILLISECONDS = '(extract(epoch FROM time) * 1000)::bigint';
