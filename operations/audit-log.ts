// Operation `audit`: what was done, refused or failed, and by whom.
import { z } from 'zod';
import { AuditEvent } from '../contract/events.ts';
import { RepositoryName } from '../contract/names.ts';
import { defineOperation } from './operation.ts';
import { readerOf } from './query.ts';
import { rowsOf, sqlText } from './rows.ts';

export const auditLog = defineOperation({
  name: 'audit',
  description: 'Lists audit records, newest first: who did what (backups, restores, approvals, rejections, questions to the vault, calls of tools, …) and how it ended.',
  kind: 'reads',
  input: z.strictObject({ repository: RepositoryName.optional(), action: AuditEvent.shape.action.optional(), limit: z.number().int().positive().max(10_000).default(100) }),
  async run(context, { repository, action, limit }, { signal }) {
    const filters = [repository === undefined ? [] : [`repo_name = ${sqlText(repository)}`], action === undefined ? [] : [`action = ${sqlText(action)}`]].flat();
    const where = filters.length === 0 ? '' : `WHERE ${filters.join(' AND ')}`;
    const sql = `SELECT time, action, outcome, repo_name, actor, workflow_id, run_id, details, id FROM audit ${where} ORDER BY time DESC, id`;
    const rows = rowsOf(await readerOf(context.paths.index).query(sql, { rows: limit }, signal));
    return { records: rows.map((row) => Object.assign(row, { details: JSON.parse(String(row['details'])) as unknown })) };
  },
});
