// Operation `health`: the state of every part of PIVO.
import { z } from 'zod';
import type { StackStatus } from '../stack/status.ts';
import type { LogEmbedder } from '../contract/log-search.ts';
import { logEmbedder } from './log-embedder.ts';
import { defineOperation } from './operation.ts';

export const health = defineOperation({
  name: 'health',
  description: 'Tells the state of every part: Temporal, worker, metadata service, server, store, events and index, and who makes the vectors of log search.',
  kind: 'reads',
  input: z.strictObject({}),
  async run(context, input, options): Promise<StackStatus & { logVectors: LogEmbedder }> {
    const [status, logVectors] = await Promise.all([context.status(), logEmbedder.run(context, input, options)]);
    return { ...status, logVectors };
  },
});
