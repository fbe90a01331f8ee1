// Operation `verify-run`: verifies one repository, all, or a part of the files as a durable run.
import { z } from 'zod';
import { WORKFLOW, verifyWorkflowId } from '../contract/names.ts';
import { VerifyInput, type VerificationSummary, type VerifyRequest } from '../contract/verification.ts';
import { openFindings, type KeptFinding } from '../state/verifications.ts';
import { followStarted, startOrJoin, type StartedRun } from './started-run.ts';
import { defineOperation } from './operation.ts';

export type VerificationEnded = VerificationSummary & { joined: boolean; found: KeptFinding[] };

/** Findings that the answer names; `verifications` has all. */
const NAMED = 1_000;

export const verifyRun = defineOperation({
  name: 'verify-run',
  description: 'Starts a verification of one repository, of all, or of a part of their files, or joins the one that runs already; returns what it found, or at once with `wait: false`.',
  kind: 'starts',
  input: VerifyInput.safeExtend({ wait: z.boolean().default(true) }),
  async run(context, { wait, ...request }, options): Promise<VerificationEnded | StartedRun> {
    const started = await startOrJoin(context, { type: WORKFLOW.verify, workflowId: workflowIdOf(request), input: request, summary: summaryOf(request) });
    if (!wait) return started;
    const summary = await followStarted<VerificationSummary>(context, started, options);
    return { ...summary, joined: started.joined, found: openFindings(context.paths.state, { run: summary.run, limit: NAMED }) };
  },
});

const partOf = ({ part, rotate }: VerifyRequest): string | undefined => (rotate === undefined ? part && `${part.part}-${part.of}` : `next-${rotate}`);

const workflowIdOf = (request: VerifyRequest): string => verifyWorkflowId(request.repository, partOf(request));

const summaryOf = (request: VerifyRequest): string => `Verify ${request.repository ?? 'all repositories'}${partOf(request) === undefined ? '' : `, part ${partOf(request)}`}`;
