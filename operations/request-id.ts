// The part of a workflow's id that tells one request from another.
import { createHash, randomBytes } from 'node:crypto';

const BYTES = 5;

/** Ten hex digits: of the request's own key, so that the same request is the same run, or by chance where it has none. */
export const idOf = (key: string | undefined): string => (key === undefined ? randomBytes(BYTES).toString('hex') : createHash('sha256').update(key).digest('hex').slice(0, 2 * BYTES));
