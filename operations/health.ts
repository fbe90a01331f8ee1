// Operation `health`: the state of every part of PIVO.
import { z } from 'zod';
import type { StackStatus } from '../stack/status.ts';
import { defineOperation } from './operation.ts';

export const health = defineOperation({
  name: 'health',
  description: 'Tells the state of every part: Temporal, worker, metadata service, server, store, events and index.',
  kind: 'reads',
  input: z.strictObject({}),
  run: (context): Promise<StackStatus> => context.status(),
});
