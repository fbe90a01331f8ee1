// A conversation over a real Temporal: turns, stops, continuations and what is remembered of it.
import { randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { conversationWorkflowId, type ConversationStart, type ConversationSummary, type Transcript, type TurnInput, type TurnProgress, type TurnResult } from '../../contract/conversation.ts';
import { PivoError } from '../../contract/failures.ts';
import { TASK_QUEUE } from '../../contract/names.ts';
import { ask } from '../../operations/ask.ts';
import { conversation, conversationStop, conversations } from '../../operations/conversations.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { fixture } from '../fixtures/generate.ts';
import { lastQuestion, resultsSoFar, startAgent, withState, type Script, type TestAgent } from '../harness/agent.ts';
import { gate } from '../harness/ingest-acts.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
let pivo: IngestHarness;
let worker: TestWorker;
let agent: TestAgent;
let context: OperationContext;
let script: Script;

const echo: Script = (request) => `answer to ${lastQuestion(request)}`;

beforeAll(async () => {
  temporal = await startTemporal();
  pivo = await openIngest(join(temporal.folder, 'home'));
  const origin = join(temporal.folder, 'origin.git');
  await fixture('force-push').build(origin);
  await pivo.ingest(origin, 'project');
  worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, deps: pivo.deps });
  context = withState(operationContext(temporal, worker), temporal.folder);
  agent = await startAgent(temporal, { script: (request, options) => script(request, options), context });
});

beforeEach(() => {
  script = echo;
});

afterAll(async () => {
  await agent.stop();
  await worker.stop();
  await context.library.close();
  await pivo.close();
  await temporal.stop();
});

interface Asked {
  conversation?: string;
  title?: string;
  turn?: string;
  rounds?: number;
  signal?: AbortSignal;
  onTurn?: (turn: TurnProgress) => void;
}

async function say(question: string, { signal, onTurn, ...input }: Asked = {}): Promise<TurnResult> {
  const call = { ...(signal === undefined ? {} : { signal }), onProgress: ({ turn }: { turn?: TurnProgress }) => void (turn !== undefined && onTurn?.(turn)) };
  return (await callOperation(ask, context, { question, ...input }, call)) as TurnResult;
}

const transcript = (id: string): Promise<Transcript> => callOperation(conversation, context, { conversation: id });
const handleOf = (id: string) => temporal.client.workflow.getHandle(conversationWorkflowId(id));
const turnInput = (text: string, turn: string = randomUUID()): TurnInput => ({ turn, text, speaker: { user: 'ada', via: 'cli' } });

describe('a turn', () => {
  it('calls all tools of a step at once, gives their results to the model, and answers', async () => {
    script = (request) => {
      const results = resultsSoFar(request);
      if (results.length === 0) return { calls: [{ name: 'get_history', arguments: { repository: 'project' } }, { name: 'list_files', arguments: { repository: 'project' } }] };
      return `${results.length} results, ${(results[0] as { commits: object[] }).commits.length} commits`;
    };
    const result = await say('what is there?');
    expect(result).toMatchObject({ question: 'what is there?', answer: expect.stringMatching(/^2 results, [1-9]\d* commits$/), end: 'stop', model: 'test/script', usage: { input: 20, output: 10 } });
    expect(result.tools).toMatchObject([{ id: '1.0', name: 'get_history', state: 'done', arguments: { repository: 'project' } }, { id: '1.1', name: 'list_files', state: 'done' }]);
  });

  it('is told as it goes: its text piece by piece, and its tools', async () => {
    const held = gate();
    const seen: TurnProgress[] = [];
    const streamed = Promise.withResolvers<void>();
    script = async (request, { onText, signal }) => {
      if (resultsSoFar(request).length === 0) return { calls: [{ name: 'list_files', arguments: { repository: 'project' } }] };
      onText('The ');
      onText('answer');
      await held.pass(signal);
      return 'The answer.';
    };
    const result = say('stream', { onTurn: (turn) => {
      seen.push(turn);
      if (turn.text === 'The answer') streamed.resolve();
    } });
    await streamed.promise;
    held.open();
    expect((await result).answer).toBe('The answer.');
    expect(seen.at(-1)).toMatchObject({ step: 2, tools: [{ name: 'list_files', state: 'done' }] });
  });

  it('sent twice runs once and has one answer, at the same time and later', async () => {
    let steps = 0;
    script = () => `step ${++steps}`;
    const id = unique('chat');
    const turn = randomUUID();
    const [first, second] = await Promise.all([say('once', { conversation: id, turn }), say('once', { conversation: id, turn })]);
    expect(second).toEqual(first);
    expect(await say('once', { conversation: id, turn })).toEqual(first);
    const other = await handleOf(id).executeUpdate('turn', { args: [turnInput('once', turn)], updateId: randomUUID() });
    expect(other).toEqual(first);
    expect(steps).toBe(1);
  });

  it('waits for the one before it, and knows what was said in it', async () => {
    const held = gate();
    const id = unique('chat');
    script = async (request, { signal }) => {
      if (lastQuestion(request) === 'first') await held.pass(signal);
      return `after ${request.messages.filter(({ role }) => role === 'assistant').length} answers`;
    };
    const first = say('first', { conversation: id });
    await held.began;
    const second = say('second', { conversation: id });
    held.open();
    expect([(await first).answer, (await second).answer]).toEqual(['after 0 answers', 'after 1 answers']);
    expect((await transcript(id)).turns.map(({ question }) => question)).toEqual(['first', 'second']);
  });

  it('gives the model a failure with kind, message and hint: unknown tools, wrong arguments, what is not there', async () => {
    const results: unknown[] = [];
    script = (request) => {
      results.push(...resultsSoFar(request));
      if (results.length > 0) return 'done';
      return { calls: [{ name: 'rm_rf', arguments: {} }, { name: 'list_files', arguments: '{"repository":' }, { name: 'list_files', arguments: { repository: 'project', force: true } }, { name: 'list_files', arguments: { repository: 'nobody' } }] };
    };
    const result = await say('try');
    expect(results).toMatchObject([
      { failure: { kind: 'NotFound', message: 'there is no tool "rm_rf"', hint: expect.stringContaining('query_metadata') } },
      { failure: { kind: 'InvalidInput', message: expect.stringContaining('list_files arguments') } },
      { failure: { kind: 'InvalidInput', message: expect.stringContaining('force') } },
      { failure: { kind: 'NotFound', message: expect.stringContaining('nobody') } },
    ]);
    expect(result.tools.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed', 'failed']);
    expect(result.end).toBe('stop');
  });

  it('ends when its rounds are used up: the last step may call nothing', async () => {
    const offered: number[] = [];
    script = ({ tools }) => {
      offered.push(tools.length);
      return { text: 'I need more', calls: [{ name: 'list_files', arguments: { repository: 'project' } }] };
    };
    const result = await say('for ever', { rounds: 3 });
    expect(result).toMatchObject({ end: 'rounds', answer: 'I need more' });
    expect(result.tools).toHaveLength(2);
    expect(offered.map((count) => count > 0)).toEqual([true, true, false]);
  });

  it('passes on that an answer was cut or blocked, and runs no calls of it', async () => {
    script = () => ({ text: 'half', calls: [{ id: 'x', name: 'list_files', arguments: { repository: 'project' } }], end: 'length' });
    expect(await say('long')).toMatchObject({ end: 'length', answer: 'half', tools: [] });
    script = () => ({ end: 'blocked' });
    expect(await say('bad')).toMatchObject({ end: 'blocked', answer: '' });
  });

  it('survives a provider that is down for a while, and waits as long as it is asked to', async () => {
    let tries = 0;
    script = () => {
      if (++tries < 3) throw new PivoError('Unavailable', 'the provider does not answer', { facts: { retryAfter: 0.1 } });
      return 'up again';
    };
    expect(await say('hello')).toMatchObject({ answer: 'up again', end: 'stop' });
    expect(tries).toBe(3);
    script = () => {
      throw new PivoError('Unavailable', 'the quota of today is used up', { facts: { retryAfter: 3_600 } });
    };
    expect(await say('hello')).toMatchObject({ end: 'failed', failure: { kind: 'Unavailable', facts: { retryAfter: 3_600 } } });
  });

  it('that fails is an answer that says why; the chat goes on', async () => {
    const id = unique('chat');
    script = () => {
      throw new PivoError('CredentialMissing', 'the key was refused', { hint: 'Set GEMINI_API_KEY.' });
    };
    expect(await say('hello', { conversation: id })).toMatchObject({ end: 'failed', answer: '', failure: { kind: 'CredentialMissing', hint: 'Set GEMINI_API_KEY.' } });
    script = echo;
    expect(await say('again', { conversation: id })).toMatchObject({ end: 'stop', answer: 'answer to again' });
    expect((await handleOf(id).describe()).status.name).toBe('RUNNING');
  });

  it('refuses what is no question, before it enters the history', async () => {
    const id = unique('chat');
    await say('first', { conversation: id });
    await expect(handleOf(id).executeUpdate('turn', { args: [{ turn: 'x', text: '', speaker: { user: 'ada', via: 'cli' } }] })).rejects.toMatchObject({ cause: { message: expect.stringContaining('text: it is empty') } });
    await expect(handleOf(id).executeUpdate('turn', { args: [{ ...turnInput('x'), speaker: { user: 'ada', via: 'cli', owner: true } }] })).rejects.toThrow();
  });
});

describe('a model that says too much', () => {
  const calling = (characters: number): Script => () => ({ calls: [{ name: 'query_metadata', arguments: { sql: 'x'.repeat(characters) } }] });

  it('is cut where its calls are too long, and none of them is run', async () => {
    script = calling(150_000);
    expect(await say('much')).toMatchObject({ end: 'length', tools: [] });
  });

  it('must answer before its turn is too large for its history, and the chat goes on', async () => {
    const id = unique('chat');
    script = calling(90_000);
    const { end, tools } = await say('again and again', { conversation: id });
    expect({ end, calls: tools.length }).toEqual({ end: 'rounds', calls: 4 });
    script = echo;
    expect(await say('next', { conversation: id })).toMatchObject({ end: 'stop', answer: expect.stringMatching(/next$/) as string });
  });
});

describe('stop', () => {
  it('that comes before its turn does stops it all the same', async () => {
    const held = gate();
    script = async (_request, { signal }) => {
      await held.pass(signal);
      return 'never';
    };
    expect(await say('given up at once', { signal: AbortSignal.abort() })).toMatchObject({ end: 'cancelled' });
  });

  it('that says nothing sensible is refused, and the chat goes on', async () => {
    const id = unique('chat');
    await say('first', { conversation: id });
    await expect(handleOf(id).executeUpdate('stop', { args: [{ turn: 5 }] })).rejects.toThrow();
    expect(await handleOf(id).executeUpdate('stop', { args: [null] })).toBe(false);
    expect(await say('second', { conversation: id })).toMatchObject({ end: 'stop' });
  });

  it('ends the turn that runs, in the model or in a tool; the chat stays', async () => {
    const held = gate();
    const id = unique('chat');
    script = async (_request, { signal, onText }) => {
      onText('so far');
      await held.pass(signal);
      return 'never';
    };
    const stopped = say('long', { conversation: id });
    await held.began;
    expect(await callOperation(conversationStop, context, { conversation: id })).toEqual({ stopped: true });
    expect(await stopped).toMatchObject({ end: 'cancelled' });
    script = echo;
    expect(await say('next', { conversation: id })).toMatchObject({ end: 'stop', answer: 'answer to next' });
    expect(await callOperation(conversationStop, context, { conversation: id })).toEqual({ stopped: false });
    expect(await callOperation(conversationStop, context, { conversation: 'nobody' })).toEqual({ stopped: false });
  });

  it('of a caller who gives up stops their turn, and only theirs', async () => {
    const held = gate();
    const id = unique('chat');
    script = async (request, { signal }) => {
      if (lastQuestion(request) === 'mine') await held.pass(signal);
      return `answer to ${lastQuestion(request)}`;
    };
    const mine = say('mine', { conversation: id });
    await held.began;
    const away = new AbortController();
    const theirs = say('theirs', { conversation: id, signal: away.signal });
    await expect.poll(async () => (await temporal.client.workflow.getHandle(conversationWorkflowId(id)).fetchHistory()).events?.filter(({ workflowExecutionUpdateAcceptedEventAttributes }) => workflowExecutionUpdateAcceptedEventAttributes).length).toBe(2);
    away.abort();
    expect(await theirs).toMatchObject({ end: 'cancelled', question: 'theirs' });
    held.open();
    expect(await mine).toMatchObject({ end: 'stop', answer: 'answer to mine' });
  });
});

describe('a long chat', () => {
  it('is continued as new between turns, loses none of those in flight, and runs none twice', async () => {
    const id = unique('chat');
    const asked: string[] = [];
    script = (request) => {
      asked.push(lastQuestion(request));
      return `${request.messages.length} messages`;
    };
    const start = { workflowId: conversationWorkflowId(id), taskQueue: TASK_QUEUE, args: [{ mostEvents: 30 } satisfies ConversationStart] };
    const first = await temporal.client.workflow.start('conversation', start);
    const turns = Array.from({ length: 12 }, (_, at) => turnInput(`question ${at}`));
    const answers = await Promise.all(turns.map((turn) => handleOf(id).executeUpdate<TurnResult, [TurnInput]>('turn', { args: [turn], updateId: turn.turn })));
    expect(answers.map(({ question }) => question)).toEqual(turns.map(({ text }) => text));
    await say('one more', { conversation: id });
    await expect.poll(async () => (await handleOf(id).describe()).runId).not.toBe(first.firstExecutionRunId);
    expect(await handleOf(id).executeUpdate('turn', { args: [turns[0]], updateId: randomUUID() })).toEqual(answers[0]);
    expect(await say('last', { conversation: id })).toMatchObject({ answer: '27 messages' });
    expect([...asked].sort()).toEqual([...turns.map(({ text }) => text), 'one more', 'last'].sort());
    const { turns: told, title } = await transcript(id);
    expect(told).toHaveLength(14);
    expect(title).toBe(told[0]?.question);
  });

  it('that ended for want of turns starts again and remembers', async () => {
    const id = unique('chat');
    script = (request) => request.messages.map((message) => ('text' in message ? message.text : message.content)).join(' | ');
    const start = { workflowId: conversationWorkflowId(id), taskQueue: TASK_QUEUE, args: [{ idleSeconds: 1 } satisfies ConversationStart] };
    await temporal.client.workflow.start('conversation', start);
    const turn = randomUUID();
    const first = await say('my name is Ada', { conversation: id, turn });
    await handleOf(id).result();
    expect((await transcript(id)).turns).toEqual([first]);
    expect((await say('who am I?', { conversation: id })).answer).toBe('my name is Ada | my name is Ada | who am I?');
    expect(await handleOf(id).executeUpdate('turn', { args: [turnInput('again', turn)], updateId: randomUUID() })).toEqual(first);
    expect((await transcript(id)).turns.map(({ question }) => question)).toEqual(['my name is Ada', 'who am I?']);
  });
});

describe('conversations', () => {
  it('are listed with titles: the first question shortened, or the one given', async () => {
    const [plain, titled] = [unique('chat'), unique('chat')];
    await say('Who changed the file main.py in the last month, and can you explain to me why?\nIn detail.', { conversation: plain });
    await say('hello', { conversation: titled, title: 'About main.py' });
    const list = await callOperation<typeof conversations.input, ConversationSummary[]>(conversations, context, {});
    expect(list.slice(0, 2)).toMatchObject([{ conversation: titled, title: 'About main.py', turns: 1, user: 'ada' }, { conversation: plain, title: 'Who changed the file main.py in the last month, and can…' }]);
    await say('hello again', { conversation: titled, title: 'Another title' });
    expect((await transcript(titled)).title).toBe('Another title');
    expect((await callOperation<typeof conversations.input, ConversationSummary[]>(conversations, context, { limit: 1 }))).toMatchObject([{ conversation: titled, title: 'Another title', turns: 2 }]);
  });

  it('that are not there are NotFound', async () => {
    await expect(transcript('nobody')).rejects.toMatchObject({ kind: 'NotFound' });
  });

  it('leave an audit record of every tool call: who, which chat and model, what, and what came of it', async () => {
    const id = unique('chat');
    const turn = randomUUID();
    script = (request) => (resultsSoFar(request).length > 0 ? 'done' : { calls: [{ name: 'list_files', arguments: { repository: 'project' } }, { name: 'submit_ingest_job', arguments: { url: 'https://ada:hunter2@host.example/x.git' } }] });
    await say('look', { conversation: id, turn });
    const day = pivo.deps.store.localPath(`audit/${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}`) ?? '';
    const found = async (): Promise<Record<string, unknown>[]> => {
      const files = (await readdir(day).catch(() => [])).filter((file) => file.includes(turn) && file.endsWith('.json'));
      return Promise.all(files.map(async (file) => JSON.parse(await readFile(join(day, file), 'utf8')) as Record<string, unknown>));
    };
    await expect.poll(async () => (await found()).length).toBe(2);
    const [listed, refused] = (await found()).sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));
    expect(listed).toMatchObject({ type: 'AUDIT', action: 'tool', outcome: 'done', repository: 'project', actor: 'ada', details: { conversation: id, turn, tool: 'list_files', model: 'test/script', via: 'cli' } });
    expect(refused).toMatchObject({ outcome: 'refused', repository: null, details: { tool: 'submit_ingest_job', failure: { kind: 'UrlRefused' } } });
    expect(JSON.stringify(refused)).not.toContain('hunter2');
  });
});
