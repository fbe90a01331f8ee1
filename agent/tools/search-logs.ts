// Tool `search_logs`: log entries by words or meaning, each with its link and what stands around it.
import { z } from 'zod';
import type { Tool } from './tool.ts';

export const searchLogs: Tool = {
  name: 'search_logs',
  aliases: [],
  operation: 'search-logs',
  kind: 'reads',
  fixed: {},
  fields: { limit: z.number().int().min(1).max(50).default(10), context: z.number().int().min(0).max(10).default(1) },
  note: 'Cite entries by their `link`.',
  answer: (value, { skip }) => ({ value: value as object, list: 'hits', rest: `Narrow the question or ask with a smaller \`limit\`, and with \`skip\` (now ${String(skip)}) for those after.` }),
};
