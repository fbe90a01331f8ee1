// Tool `upload_logs`: puts lines that a person pasted into the log index; never a path of this machine.
import { z } from 'zod';
import type { IngestLogsSummary } from '../../contract/logs.ts';
import type { Tool } from './tool.ts';

export const uploadLogs: Tool = {
  name: 'upload_logs',
  aliases: [],
  operation: 'upload-logs',
  kind: 'starts',
  fixed: { wait: true, paths: undefined },
  fields: { text: z.string().min(1).max(512 * 1024).describe('The lines, as they are in the log.') },
  note: 'Answers with the source of each log, which search_logs takes as a filter.',
  answer: (value) => ({ value: value as IngestLogsSummary, list: 'logs' }),
};
