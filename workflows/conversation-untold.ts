// What is told after a turn, without anybody waiting for it: its row in the state database, one audit record a tool call.
import { CancellationScope, log, workflowInfo } from '@temporalio/workflow';
import type { CalledTool, Speaker, TurnResult, Untold } from '../contract/conversation.ts';
import { RepositoryName } from '../contract/names.ts';
import { auditing, remembering } from './conversation-steps.ts';
import { reportOf } from './failure.ts';
import { outcomeOf } from './restore-audit.ts';

/** Most characters of arguments, and of SQL, in an audit record. */
const MOST_ARGUMENTS = 4_000;

export interface Teller {
  /** Ends when it is told, or can never be told. */
  tell(untold: Untold): Promise<void>;
  /** What is still being told. */
  open(): Untold[];
}

/** Begins with what the run before could not tell; telling it twice leaves one. */
export function createTeller(carried: readonly Untold[]): Teller {
  const open = new Set<Untold>();
  const tell = async (untold: Untold): Promise<void> => {
    open.add(untold);
    try {
      await CancellationScope.nonCancellable(() => ('turn' in untold ? remembering.recordTurn(untold.turn) : auditing.recordAudit(untold.audit)));
    } catch (error) {
      log.error('what became of a turn was not written', { untold: 'turn' in untold ? untold.turn.result.turn : untold.audit.id, report: reportOf(error) });
    } finally {
      open.delete(untold);
    }
  };
  for (const untold of carried) void tell(untold);
  return { tell, open: () => [...open] };
}

/** One record a tool call of a turn: who asked, which conversation and model, what was called and what came of it. */
export function auditsOf(result: TurnResult, speaker: Speaker): Untold[] {
  return result.tools.map((tool) => ({ audit: auditOf(tool, result, speaker) }));
}

function auditOf({ id, name, arguments: given, failure, sql, approval, milliseconds }: CalledTool, { conversation, turn, model, finished }: TurnResult, speaker: Speaker): Extract<Untold, { audit: unknown }>['audit'] {
  const { workflowId, runId } = workflowInfo();
  const repository = RepositoryName.safeParse((given as { repository?: unknown } | null | undefined)?.repository);
  return {
    id: `audit:tool:${conversation}:${turn}:${id}`,
    time: finished,
    action: 'tool',
    outcome: failure === undefined ? 'done' : outcomeOf(failure.kind),
    repository: repository.success ? repository.data : null,
    actor: speaker.user,
    workflow: { id: workflowId, runId },
    details: {
      conversation, turn, call: id, tool: name, model, via: speaker.via, arguments: shownArguments(given), milliseconds,
      ...(sql === undefined ? {} : { sql: shortened(withoutSecrets(sql)) }),
      ...(approval === undefined ? {} : { planHash: approval.planHash, awaiting: approval.workflowId }),
      ...(failure === undefined ? {} : { failure }),
    },
  };
}

/** A model may repeat a URL with a password that somebody typed. Time grows with the length, whatever is in the text: a workflow's task may not take seconds. */
const withoutSecrets = (text: string): string => text.replace(/:\/\/[^\s/@"'\\]+@/g, '://…@');

const shortened = (text: string): string => (text.length > MOST_ARGUMENTS ? `${text.slice(0, MOST_ARGUMENTS)}…` : text);

function shownArguments(given: unknown): unknown {
  const text = withoutSecrets(JSON.stringify(given) ?? 'null');
  return text.length > MOST_ARGUMENTS ? shortened(text) : (JSON.parse(text) as unknown);
}
