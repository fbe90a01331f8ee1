// Operation `health`: the state of every part of PIVO.
import { z } from 'zod';
import type { Check } from '../stack/doctor.ts';
import type { StackStatus } from '../stack/status.ts';
import type { LogEmbedder } from '../contract/log-search.ts';
import { ingestionChecks } from './ingestion-checks.ts';
import { logEmbedder } from './log-embedder.ts';
import { defineOperation } from './operation.ts';

export interface Health extends StackStatus {
  logVectors: LogEmbedder;
  /** Of what comes in by itself and what is told. */
  checks: Check[];
}

export const health = defineOperation({
  name: 'health',
  description: 'Tells the state of every part: Temporal, worker, metadata service, server, store, events and index, who makes the vectors of log search, and the spool, its gates, the records, backups after pushes, notifications and the vault, each with what to do.',
  kind: 'reads',
  input: z.strictObject({}),
  async run(context, input, options): Promise<Health> {
    const [status, logVectors, checks] = await Promise.all([context.status(), logEmbedder.run(context, input, options), ingestionChecks(context, options)]);
    return { ...status, logVectors, checks };
  },
});
