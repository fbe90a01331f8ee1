// One turn: the model's steps and the tools that it calls, until it stops or the rounds are used up.
import { CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';
import type { CalledTool, Message, ModelStep, ToolCall, ToolOutcome, TurnProgress, TurnRequest, TurnResult } from '../contract/conversation.ts';
import { PivoError, type FailureReport } from '../contract/failures.ts';
import { saidEnough, withinBudget } from './conversation-budget.ts';
import { doing, thinking } from './conversation-steps.ts';
import { reportOf } from './failure.ts';

/** Most tools of one step; a model that wants more is told so. */
const MOST_CALLS = 16;

/** A turn that goes on. */
export interface Turn {
  request: TurnRequest;
  progress: TurnProgress;
  /** What the turn added to the conversation. */
  messages: Message[];
  usage: { input: number; output: number };
  model: string;
}

export function beginTurn(conversation: string, request: TurnRequest): Turn {
  const progress: TurnProgress = { conversation, turn: request.turn, question: request.text, started: new Date().toISOString(), step: 0, text: '', tools: [] };
  return { request, progress, messages: [{ role: 'user', text: request.text }], usage: { input: 0, output: 0 }, model: '' };
}

/** Never fails: a turn that could not be answered is a result that says why. */
export async function runTurn(turn: Turn, before: readonly Message[]): Promise<TurnResult> {
  try {
    return endOf(turn, await answer(turn, before));
  } catch (error) {
    return badEndOf(turn, error);
  }
}

/** The result of a turn that did not come to its answer. */
export function badEndOf(turn: Turn, error: unknown): TurnResult {
  if (isCancellation(error)) {
    turn.messages.push({ role: 'assistant', text: '[The turn was stopped here.]', calls: [] });
    return endOf(turn, 'cancelled');
  }
  const failure = reportOf(error);
  turn.messages.push({ role: 'assistant', text: `[No answer: ${failure.message}]`, calls: [] });
  return { ...endOf(turn, 'failed'), failure };
}

async function answer(turn: Turn, before: readonly Message[]): Promise<TurnResult['end']> {
  const { request, progress, messages } = turn;
  for (;;) {
    progress.step++;
    const mayCall = progress.step < request.rounds && !saidEnough(messages);
    const step = await thinking.modelStep({ conversation: progress.conversation, turn: request.turn, messages: withinBudget([...before, ...messages]), mayCall });
    note(turn, step);
    if (step.end !== 'tools' || step.calls.length === 0 || !mayCall) {
      messages.push({ role: 'assistant', text: step.text, calls: [] }); // calls that nobody answers would make the next request invalid
      return step.end === 'tools' ? (mayCall ? 'stop' : 'rounds') : step.end;
    }
    const { text, calls, native } = step;
    messages.push({ role: 'assistant', text, calls, ...(native === undefined ? {} : { native }) });
    await callTools(turn, calls);
    progress.text = '';
  }
}

function note(turn: Turn, { text, usage, provider, model }: ModelStep): void {
  turn.progress.text = text;
  turn.usage.input += usage.input;
  turn.usage.output += usage.output;
  turn.model = `${provider}/${model}`;
}

/** All calls of one step at once; each is answered, whatever becomes of it. Fails with the cancellation of the turn. */
async function callTools(turn: Turn, calls: readonly ToolCall[]): Promise<void> {
  const { step, tools } = turn.progress;
  const called = calls.map((call, at): CalledTool => ({ id: `${step}.${at}`, name: call.name, arguments: call.arguments, cut: false, milliseconds: 0, state: 'running' }));
  tools.push(...called);
  turn.messages.push(...(await Promise.all(calls.map(async (call, at) => {
    const { content, ...shown } = at < MOST_CALLS ? await outcomeOf(turn, call, `${step}.${at}`) : failed(tooMany());
    Object.assign(called[at] as CalledTool, shown, { state: shown.failure === undefined ? 'done' : 'failed' });
    return { role: 'tool' as const, call: call.id, name: call.name, content, cut: shown.cut, failed: shown.failure !== undefined };
  }))));
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('the turn was stopped');
}

async function outcomeOf({ request, progress, model }: Turn, call: ToolCall, id: string): Promise<ToolOutcome> {
  const { conversation } = progress;
  try {
    return await doing.callTool({ conversation, turn: request.turn, call, speaker: request.speaker, model, request: `${conversation}/${request.turn}/${id}` });
  } catch (error) {
    return failed(reportOf(error));
  }
}

const tooMany = (): FailureReport => new PivoError('LimitExceeded', `more than ${MOST_CALLS} tools were called in one step`, { hint: 'Call the rest in the next step.' }).report();

const failed = (failure: FailureReport): ToolOutcome => ({ content: JSON.stringify({ failure }), cut: false, failure, milliseconds: 0 });

function endOf({ request, progress, usage, model, messages }: Turn, end: TurnResult['end']): TurnResult {
  const last = messages.at(-1);
  const answered = end !== 'cancelled' && end !== 'failed' && last?.role === 'assistant' ? last.text : progress.text;
  return { conversation: progress.conversation, turn: request.turn, question: request.text, answer: answered, end, tools: progress.tools, usage, model, started: progress.started, finished: new Date().toISOString() };
}
