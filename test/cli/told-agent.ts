// An endpoint whose agent answers what it was told to, piece by piece: for what terminals show of a turn.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createEndpoint } from '../../apps/server/endpoint.ts';
import type { CalledTool, Transcript, TurnProgress, TurnResult } from '../../contract/conversation.ts';
import { PivoError } from '../../contract/failures.ts';
import type { RestorePlan } from '../../contract/restore.ts';
import type { WaitingRestore } from '../../operations/approvals.ts';
import { defineOperation, type Operation, type OperationContext, type RunOptions } from '../../operations/operation.ts';
import { silentLog } from '../harness/temporal.ts';

export interface Told {
  /** Pieces of text as the model streams them. */
  pieces: string[];
  tools?: CalledTool[];
  failure?: TurnResult['failure'];
  /** Waits until it is stopped. */
  endless?: true;
}

export interface ToldAgent {
  /** Names and inputs of what was called. */
  calls: { name: string; input: unknown }[];
  /** Resolves when an endless turn has told its text. */
  waiting: Promise<void>;
  close(): Promise<void>;
}

const NOW = '2026-11-21T12:00:00.000Z';
const CONVERSATION = '2026-11-21-0a1b2c3d';

/** Listens where the CLI of `home` looks. */
export async function toldAgent(home: string, answers: Record<string, Told>, others: Record<string, (input: never, options: RunOptions) => unknown> = {}): Promise<ToldAgent> {
  const calls: ToldAgent['calls'] = [];
  const turns: TurnResult[] = [];
  const waiting = Promise.withResolvers<void>();
  let stop = (): void => {};
  const ask = async (input: { question: string; turn: string }, options: RunOptions): Promise<TurnResult> => {
    const told = answers[input.question];
    if (told === undefined) throw new PivoError('Unavailable', `nobody told what to say to "${input.question}"`);
    const result = await runTold(told, input, options, () => {
      waiting.resolve();
      return new Promise((done) => (stop = () => done()));
    });
    turns.push(result);
    return result;
  };
  const answer: Record<string, (input: never, options: RunOptions) => unknown> = {
    ask,
    'conversation-stop': () => {
      stop();
      return { stopped: true };
    },
    conversations: () => [{ conversation: CONVERSATION, title: 'Told', turns: turns.length, started: NOW, updated: NOW, user: 'ada' }],
    conversation: (): Transcript => ({ conversation: CONVERSATION, title: 'Told', turns, current: null }),
    ...others,
  };
  const load = async (name: string): Promise<Operation> =>
    defineOperation({ name, description: 'told', kind: 'reads', input: z.any(), run: async (_context, input: unknown, options) => {
      calls.push({ name, input });
      const act = answer[name];
      if (act === undefined) throw new PivoError('NotFound', `there is no operation "${name}"`);
      return act(input as never, options);
    } });
  await mkdir(join(home, 'run'), { recursive: true });
  const server = createEndpoint({ load, context: { caller: { user: 'ada', via: 'cli', owner: true } } as OperationContext, log: silentLog });
  await once(server.listen(join(home, 'run', 'server.sock')), 'listening');
  return { calls, waiting: waiting.promise, close: async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  } };
}

async function runTold({ pieces, tools = [], failure, endless }: Told, { question, turn }: { question: string; turn: string }, { onProgress }: RunOptions, untilStopped: () => Promise<void>): Promise<TurnResult> {
  const base = { conversation: CONVERSATION, turn, question, started: NOW };
  const tell = (progress: Omit<TurnProgress, keyof typeof base>): void => onProgress({ phase: 'answering', turn: { ...base, ...progress } });
  tell({ step: 1, text: '', tools: tools.map((tool) => ({ ...tool, state: 'running' })) });
  let text = '';
  for (const piece of pieces) {
    text += piece;
    tell({ step: 2, text, tools });
  }
  if (endless === true) await untilStopped();
  const end = endless === true ? 'cancelled' : failure === undefined ? 'stop' : 'failed';
  return { ...base, answer: text, end, tools, usage: { input: 1_234, output: 56 }, model: 'told/one', finished: NOW, ...(failure === undefined ? {} : { failure }) };
}

/** A tool call that is done. */
export const calledTool = (call: Partial<CalledTool>): CalledTool => ({ id: randomUUID(), name: 'query_metadata', arguments: {}, state: 'done', milliseconds: 12, cut: false, ...call });

/** A restore whose plan waits for a person. */
export function waitingRestore(planHash: string): WaitingRestore {
  const [main, pull] = ['b'.repeat(40), 'c'.repeat(40)];
  const plan: RestorePlan = {
    formatVersion: 1,
    repository: 'execa',
    origin: 'https://forge.example/execa',
    target: '/srv/execa.git',
    targetKind: 'bare',
    point: { asked: 'v1', kind: 'tag', visit: 3, snapshot: `swh:1:snp:${'a'.repeat(40)}`, commit: main },
    objectFormat: 'sha1',
    refs: [{ name: 'refs/heads/main', old: null, new: main, action: 'create' }, { name: 'refs/pull/1/head', old: null, new: pull, action: 'refuse', reason: 'the target hides it' }],
    head: { symref: 'refs/heads/main', oid: main },
    packs: [{ name: 'pack-1', bytes: 123_456 }],
    shallow: [],
    makesTarget: true,
    warnings: ['one ref is refused'],
  };
  return { type: 'restore', restoreId: 'execa-1f', workflowId: 'restore:execa-1f', requestedBy: 'ada', state: 'awaiting approval', planHash, plan, counts: { create: 1, 'fast-forward': 0, unchanged: 0, refuse: 1 }, expires: NOW, receipt: null };
}
