// Operations `receipts` and `receipt`: the restores that the index knows, and the proof of one.
import { z } from 'zod';
import { receiptPath, receiptsPath } from '../archive/layout.ts';
import { readSmall } from '../archive/read.ts';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { RestoreReceipt } from '../contract/restore.ts';
import type { RestoreAllReceipt } from '../contract/restore-all.ts';
import { RepositoryName } from '../contract/names.ts';
import { defineOperation } from './operation.ts';
import { readerOf } from './query.ts';
import { rowsOf, sqlText } from './rows.ts';

/** Restores of many, whose members have rows of their own. */
const OF_MANY = `SELECT details ->> '$.restoreId', NULL, details ->> '$.target', details ->> '$.point', coalesce(details ->> '$.result', outcome), time, details ->> '$.planHash', coalesce(details ->> '$.requestedBy', actor), details ->> '$.approvedBy', details ->> '$.message' FROM audit WHERE action = 'restore-all'`;

export const receipts = defineOperation({
  name: 'receipts',
  description: 'Lists restores and how each ended, newest first.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional(), limit: z.number().int().positive().max(10_000).default(100) }),
  async run(context, { repository, limit }, { signal }) {
    const one = `SELECT restore_id, repo_name, target, point, outcome, time, plan_hash, requested_by, approved_by, message FROM restores`;
    const sql = repository === undefined ? `${one} UNION ALL ${OF_MANY} ORDER BY time DESC` : `${one} WHERE repo_name = ${sqlText(repository)} ORDER BY time DESC`;
    return { restores: rowsOf(await readerOf(context.paths.index).query(sql, { rows: limit }, signal)) };
  },
});

export const receipt = defineOperation({
  name: 'receipt',
  description: 'Shows the receipt of one restore: what was restored, and the proof; of a restore of many the receipt of receipts.',
  kind: 'reads',
  input: z.strictObject({ restoreId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, 'the id that `pivo receipts` lists') }),
  async run(context, { restoreId }): Promise<RestoreReceipt | RestoreAllReceipt> {
    try {
      const path = (await context.store.stat(receiptsPath(restoreId))) === null ? receiptPath(restoreId) : receiptsPath(restoreId);
      return JSON.parse((await readSmall(context.store, path)).toString('utf8')) as RestoreReceipt | RestoreAllReceipt;
    } catch (error) {
      if (isPivoError(error, 'NotFound')) throw new PivoError('NotFound', `there is no receipt of restore ${restoreId}`, { hint: '`pivo receipts` lists all restores; one that was not done has no receipt.', cause: error });
      if (error instanceof SyntaxError) throw new PivoError('Damaged', `the receipt of restore ${restoreId} cannot be read`, { hint: 'Run `pivo verify`.', cause: error });
      throw error;
    }
  },
});
