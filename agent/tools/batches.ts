// Tool `list_batches`: what the spool gates took into the records.
import type { SpoolBatch } from '../../contract/spool.ts';
import type { Tool } from './tool.ts';

export const listBatches: Tool = {
  name: 'list_batches',
  aliases: [],
  operation: 'batches',
  kind: 'reads',
  fixed: {},
  answer: (value) => ({ value: { batches: value as SpoolBatch[] }, list: 'batches', rest: 'Filter by `kind` or `status`.' }),
};
