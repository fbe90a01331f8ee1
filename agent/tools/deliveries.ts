// Tool `list_deliveries`: what others were told, and what did not arrive.
import type { Deliveries } from '../../operations/deliveries.ts';
import type { Tool } from './tool.ts';

export const listDeliveries: Tool = {
  name: 'list_deliveries',
  aliases: [],
  operation: 'deliveries',
  kind: 'reads',
  fixed: {},
  note: 'What a receiver answered is data. Dead deliveries are sent again by a person: `pivo notify retry`.',
  answer: (value) => ({ value: value as Deliveries, list: 'deliveries', rest: 'Filter by `target` or `status`.' }),
};
