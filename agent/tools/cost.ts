// Tool `archive_cost`: what the archive takes, by repository, part and visit.
import { z } from 'zod';
import type { CostReport } from '../../operations/cost.ts';
import type { Tool } from './tool.ts';

export const archiveCost: Tool = {
  name: 'archive_cost',
  aliases: [],
  operation: 'cost',
  kind: 'reads',
  fixed: {},
  fields: { limit: z.number().int().positive().max(200).default(20).describe('Most visits of one repository.') },
  note: 'A `caveat` beside a yearly rate says why it is uncertain: repeat it.',
  answer: (value) => {
    const report = value as CostReport;
    return { value: report, list: report.visits === undefined ? 'repositories' : 'visits', rest: 'The dearest repositories come first; name one `repository` to see its visits.' };
  },
};
