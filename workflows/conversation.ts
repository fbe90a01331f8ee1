// Workflow `conversation`: a chat that survives every crash; turns come as Updates, one at a time.
import { CancellationScope, allHandlersFinished, condition, continueAsNew, defineQuery, defineUpdate, isCancellation, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { ConversationId, StopInput, TurnInput, conversationWorkflowId, type ConversationStart, type Message, type Transcript, type TurnProgress, type TurnRequest, type TurnResult } from '../contract/conversation.ts';
import { PivoError } from '../contract/failures.ts';
import { QUERY, UPDATE } from '../contract/names.ts';
import { withinBudget } from './conversation-budget.ts';
import { remembering } from './conversation-steps.ts';
import { badEndOf, beginTurn, runTurn, type Turn } from './conversation-turn.ts';
import { auditsOf, createTeller, type Teller } from './conversation-untold.ts';
import { parseWorkflowInput, workflowFailure } from './failure.ts';

const IDLE_SECONDS = 7 * 86_400;
/** Events after which a history is continued as new; well below the server's own limit, so that replays stay short. */
const MOST_EVENTS = 4_000;
/** Most turns with their answers that a run knows; older ones are in the state database. */
const KEPT_TURNS = 50;
const KEPT_CHARACTERS = 300_000;
/** Most turns that wait for the one that goes on. */
const MOST_WAITING = 20;
const LONGEST_TITLE = 60;
/** How long an answer waits for its row in the state database, and a continuation for audit records. */
const TOLD_WITHIN = '2 seconds';

const turnUpdate = defineUpdate<TurnResult, [unknown]>(UPDATE.turn);
const stopUpdate = defineUpdate<boolean, [unknown]>(UPDATE.stop);
const statusQuery = defineQuery<TurnProgress | null>(QUERY.status);
const transcriptQuery = defineQuery<Transcript>(QUERY.transcript);

interface Talk {
  id: string;
  title: string;
  messages: Message[];
  turns: TurnResult[];
  /** Whether the state database was asked what was said before. */
  loaded: boolean;
  current: Turn | null;
  /** Turns that were not answered yet, the one that goes on first. */
  queue: string[];
  going: Map<string, { scope: CancellationScope; result: Promise<TurnResult> }>;
  /** Turns that were ever taken in this run. */
  taken: number;
  teller: Teller;
}

/** Ends after days without a turn; a later turn starts it again, and it remembers from the state database. */
export async function conversation(input: ConversationStart = {}): Promise<void> {
  const talk = begin(input);
  takeTurns(talk);
  try {
    const end = await idleOrLong(talk, input);
    await condition(() => talk.teller.open().length === 0, end === 'idle' ? '1 day' : TOLD_WITHIN);
    await condition(allHandlersFinished);
    if (end === 'idle' && talk.teller.open().length === 0) return;
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => condition(() => allHandlersFinished() && talk.teller.open().length === 0));
    throw error;
  }
  const { title, messages, turns } = talk;
  await continueAsNew<typeof conversation>({ ...input, ...(talk.loaded ? { carried: { title, messages, turns, untold: talk.teller.open() } } : {}) });
}

function begin({ carried }: ConversationStart): Talk {
  const { workflowId } = workflowInfo();
  const id = ConversationId.safeParse(workflowId.slice(conversationWorkflowId('').length));
  if (!id.success || conversationWorkflowId(id.data) !== workflowId) throw workflowFailure(new PivoError('InvalidInput', `"${workflowId}" is no conversation's workflow id`, { hint: `Start it as "${conversationWorkflowId('NAME')}", or use \`pivo chat\`.` }).report());
  const { title = '', messages = [], turns = [], untold = [] } = carried ?? {};
  return { id: id.data, title, messages, turns, loaded: carried !== undefined, current: null, queue: [], going: new Map(), taken: 0, teller: createTeller(untold) };
}

/** Handlers are set before anything is awaited. */
function takeTurns(talk: Talk): void {
  setHandler(statusQuery, () => talk.current?.progress ?? null);
  setHandler(transcriptQuery, () => ({ conversation: talk.id, title: talk.title, turns: talk.turns, current: talk.current?.progress ?? null }));
  setHandler(stopUpdate, (input) => {
    const { turn = talk.queue[0] ?? '' } = StopInput.parse(input ?? {});
    talk.going.get(turn)?.scope.cancel();
    return talk.going.has(turn);
  }, { validator: (input) => void parseWorkflowInput(StopInput, input ?? {}, 'stop') });
  setHandler(turnUpdate, (input) => takeTurn(talk, TurnInput.parse(input)), { validator: (input) => {
    const { turn } = parseWorkflowInput(TurnInput, input, 'turn');
    if (talk.queue.length > MOST_WAITING && !talk.going.has(turn)) throw workflowFailure(new PivoError('LimitExceeded', `${talk.queue.length} turns of this conversation wait already`, { hint: 'Wait for their answers, or stop them.' }).report());
  } });
}

/** True when the history is long; waits for that, or for the days without a turn. */
async function idleOrLong(talk: Talk, { idleSeconds = IDLE_SECONDS, mostEvents = MOST_EVENTS }: ConversationStart): Promise<'idle' | 'long'> {
  const isLong = (): boolean => workflowInfo().continueAsNewSuggested || workflowInfo().historyLength >= mostEvents;
  for (let seen = -1; seen !== talk.taken || talk.queue.length > 0; ) {
    seen = talk.taken;
    await condition(() => talk.taken !== seen || isLong(), idleSeconds * 1000);
    if (isLong()) return 'long';
  }
  return 'idle';
}

/** The same turn again gets the answer that it got, or will get. */
async function takeTurn(talk: Talk, request: TurnRequest): Promise<TurnResult> {
  const known = talk.going.get(request.turn);
  if (known !== undefined) return known.result;
  talk.taken++;
  talk.queue.push(request.turn);
  const scope = new CancellationScope();
  const result = inItsPlace(talk, request, scope).finally(() => {
    talk.queue.splice(talk.queue.indexOf(request.turn), 1);
    talk.going.delete(request.turn);
  });
  talk.going.set(request.turn, { scope, result });
  return result;
}

async function inItsPlace(talk: Talk, request: TurnRequest, scope: CancellationScope): Promise<TurnResult> {
  const turn = beginTurn(talk.id, request);
  try {
    await scope.run(async () => {
      await condition(() => talk.queue[0] === request.turn);
      await load(talk);
    });
  } catch (error) {
    return badEndOf(turn, error); // stopped while it waited: it was never a part of the conversation
  }
  const before = talk.turns.find(({ turn }) => turn === request.turn);
  if (before !== undefined) return before;
  talk.current = turn;
  talk.title = request.title ?? (talk.title || shortTitle(request.text));
  setCurrentDetails(`**${talk.title}**\n\n${talk.turns.length + 1} turns`);
  turn.progress.started = new Date().toISOString();
  return remember(talk, turn, await scope.run(() => runTurn(turn, talk.messages)));
}

async function load(talk: Talk): Promise<void> {
  if (talk.loaded) return;
  const { title, messages, turns } = await remembering.loadConversation({ conversation: talk.id });
  Object.assign(talk, { title, messages: withinBudget(messages), turns: lastOf(turns), loaded: true });
}

/** The answer goes out when its row is written, or soon after where that takes long; its audit records follow. */
async function remember(talk: Talk, turn: Turn, result: TurnResult): Promise<TurnResult> {
  const { title, teller } = talk;
  const { speaker } = turn.request;
  talk.messages = withinBudget([...talk.messages, ...turn.messages]);
  talk.turns = lastOf([...talk.turns, result]);
  talk.current = null;
  const written = { done: false };
  void teller.tell({ turn: { title, result, messages: withinBudget(turn.messages), speaker } }).finally(() => (written.done = true));
  await CancellationScope.nonCancellable(() => condition(() => written.done, TOLD_WITHIN));
  for (const audit of auditsOf(result, speaker)) void teller.tell(audit);
  return result;
}

function lastOf(turns: readonly TurnResult[]): TurnResult[] {
  const kept: TurnResult[] = [];
  let room = KEPT_CHARACTERS;
  for (const turn of turns.slice(-KEPT_TURNS).toReversed()) {
    room -= JSON.stringify(turn).length;
    if (room < 0 && kept.length > 0) break;
    kept.unshift(turn);
  }
  return kept;
}

/** The first line of a question, cut between words. */
function shortTitle(text: string): string {
  const line = text.split('\n')[0]?.trim() ?? '';
  if (line.length <= LONGEST_TITLE) return line;
  const cut = line.slice(0, LONGEST_TITLE - 1);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), LONGEST_TITLE / 2)).trimEnd()}…`;
}
