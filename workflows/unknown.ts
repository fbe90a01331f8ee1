// Answers for workflow types that nobody offers: without it such a run would wait for ever.
import { workflowInfo } from '@temporalio/workflow';
import { PivoError } from '../contract/failures.ts';
import { WORKFLOW } from '../contract/names.ts';
import { workflowFailure } from './failure.ts';

/** Fails at once with the list of types. */
export async function unknown(): Promise<never> {
  const { workflowType } = workflowInfo();
  throw workflowFailure(new PivoError('InvalidInput', `there is no workflow type "${workflowType}"`, { hint: `Types: ${Object.values(WORKFLOW).join(', ')}.` }).report());
}
