// The acts of a conversation over their ports: the model, the tools and the state database.
import type { AgentActs, ModelStep, ModelStepInput, RecordedTurn, Speaker, ToolCallInput, ToolOutcome } from '../contract/conversation.ts';
import { FAILURE_KINDS, fromReport } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';
import type { OperationContext } from '../operations/operation.ts';
import type { Conversations } from '../state/conversations.ts';
import { toAgentActivity, type AgentRun } from './agent-act.ts';
import { instructions } from './instructions.ts';
import type { ModelProvider } from './model.ts';
import { callTool, describeTools } from './tools/index.ts';
import { translator } from './translate.ts';

/** What the acts of one agent's worker share. */
export interface AgentDeps {
  /** Opened when the first step needs it; a failure to open it is told to every step. */
  provider(): Promise<ModelProvider>;
  /** What operations work with; the acts replace its caller by the speaker. */
  context: OperationContext;
  state: Conversations;
  log: Log;
}

/** Most characters of one answer. */
const LONGEST_ANSWER = 100_000;
/** Most characters of JSON of an answer's calls and parts: Temporal takes no payload above 2 MB, and a turn has several answers. */
const LONGEST_CALLS = 100_000;
/** Turns that a conversation remembers when it starts again. */
const REMEMBERED_TURNS = 50;
/** Attempts at a tool that fails for a reason that may pass, before the model is told. */
const TRIES = 3;

export function createAgentActs(deps: AgentDeps): AgentActs {
  const { state, log } = deps;
  return {
    loadConversation: toAgentActivity(log, async ({ conversation }: { conversation: string }) => state.load(conversation, REMEMBERED_TURNS) ?? { title: '', messages: [], turns: [] }),
    modelStep: toAgentActivity(log, (input: ModelStepInput, run) => modelStep(deps, input, run)),
    callTool: toAgentActivity(log, (input: ToolCallInput, run) => toolCall(deps, input, run)),
    recordTurn: toAgentActivity(log, async (turn: RecordedTurn) => state.record(turn)),
  };
}

/** Nobody who talks through the agent owns anything: it can neither approve nor waive an approval. */
function contextOf({ context, log }: AgentDeps, { user }: Speaker, facts: object): OperationContext {
  return { ...context, log: log.child({ ...facts }), caller: { user, via: 'agent', owner: false } };
}

async function modelStep(deps: AgentDeps, { messages, mayCall, conversation }: ModelStepInput, { signal, say, log }: AgentRun): Promise<ModelStep> {
  const last = messages.at(-1);
  const told = log.child({ component: 'AGENT' });
  if (last?.role === 'user') told.info({ conversation, command: clipped(last.text) }, 'received command');
  const provider = await deps.provider();
  const tools = mayCall ? await describeTools() : [];
  let text = '';
  const step = await provider.step({ instructions: instructions({ today: new Date().toISOString().slice(0, 10) }), messages, tools }, { signal, onText: (piece) => say((text += piece)) });
  const decision = step.end === 'tools' ? step.calls.map(({ name }) => name).join(', ') : 'answer';
  told.info({ conversation, decision, model: `${step.provider}/${step.model}`, tokens: step.usage.input + step.usage.output }, 'decision');
  return bounded(step);
}

/** Text that is too long is cut; calls are kept as they are or not at all. Only an answer with calls goes back to its provider part by part. */
function bounded({ native, ...step }: ModelStep): ModelStep {
  const text = step.text.length <= LONGEST_ANSWER ? step.text : `${step.text.slice(0, LONGEST_ANSWER)}…`;
  if (step.end !== 'tools') return { ...step, text, end: text !== step.text && step.end === 'stop' ? 'length' : step.end };
  if (JSON.stringify([step.calls, native ?? null]).length > LONGEST_CALLS) return { ...step, text, calls: [], end: 'length' };
  return { ...step, text, ...(native === undefined ? {} : { native }) };
}

/** A failure that may pass is tried again first; any other is the model's to read. */
async function toolCall(deps: AgentDeps, { conversation, call, speaker, request }: ToolCallInput, { signal, attempt, log }: AgentRun): Promise<ToolOutcome> {
  const context = contextOf(deps, speaker, { conversation });
  const translate = async (question: string, signal: AbortSignal): Promise<string> => translator(await deps.provider())(question, signal);
  const outcome = await callTool(context, call.name, call.arguments, { signal, request, translate });
  signal.throwIfAborted();
  const { failure } = outcome;
  if (failure !== undefined && !FAILURE_KINDS[failure.kind].permanent && attempt < TRIES) throw fromReport(failure);
  tellStory(log, call.name, outcome);
  return outcome;
}

/** What a person who reads the log sees of a call: its SQL, what came of it, what waits for them. */
function tellStory(log: Log, tool: string, { sql, failure, approval, cut, content, milliseconds }: ToolOutcome): void {
  const [agent, metadata] = ['AGENT', 'METADATA-SVC'].map((component) => log.child({ component })) as [Log, Log];
  if (sql !== undefined) metadata.info({ sql: clipped(sql) }, 'SQL');
  const result = failure === undefined ? { characters: content.length, cut, milliseconds } : { kind: failure.kind, failure: failure.message, milliseconds };
  (sql === undefined ? agent : metadata).info({ tool, ...result }, 'RES');
  if (approval !== undefined) agent.info({ awaiting: approval.workflowId, planHash: approval.planHash }, `a person must approve: ${approval.summary}`);
}

const clipped = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
