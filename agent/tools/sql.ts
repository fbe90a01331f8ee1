// Tool `query_metadata`: SQL over the index, written by the model or made of a question.
import { z } from 'zod';
import { PivoError } from '../../contract/failures.ts';
import type { Tool } from './tool.ts';

export const queryMetadata: Tool = {
  name: 'query_metadata',
  aliases: ['query_hive'],
  operation: 'query',
  kind: 'reads',
  fixed: {},
  fields: {
    sql: z.string().min(1).max(100_000).optional().describe('One SELECT, WITH, VALUES or EXPLAIN statement (SQLite).'),
    question: z.string().min(1).max(4_000).optional().describe('A question in words instead of `sql`; it is translated into SQL, which the answer shows.'),
    limit: z.number().int().positive().max(1_000).default(200),
  },
  note: 'Give either `sql` or `question`.',
  async prepare({ sql, question, limit }, _context, { signal, translate }) {
    if ((sql === undefined) === (question === undefined)) throw new PivoError('InvalidInput', 'query_metadata arguments: give either `sql` or `question`', { hint: 'Write the SQL yourself where you can.' });
    if (sql !== undefined) return { sql, limit };
    if (translate === undefined) throw new PivoError('InvalidInput', 'query_metadata arguments: no model is at hand to translate the question', { hint: 'Give `sql`.' });
    return { sql: await translate(question as string, signal), limit };
  },
  answer: (value) => ({ value: value as object, list: 'rows', rest: 'Select fewer columns, aggregate, or page with LIMIT and OFFSET.' }),
};
