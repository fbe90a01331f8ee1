// Chat: asking the agent, seeing what it does, and the conversations there were.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Transcript, TurnResult } from '../../../contract/conversation.ts';
import { askAgent, type Summary, type TurnState } from '../api/chat.ts';
import { get, post, type ApiFailure } from '../api/client.ts';
import { asFailure, useLoad } from '../api/load.ts';
import { shown } from '../format.ts';
import { Page } from '../parts/page.tsx';
import { Empty, Failure, Show, Skeleton } from '../parts/state.tsx';
import { Turn } from '../parts/turn.tsx';
import { at, go } from '../route.ts';

const EXAMPLES = ['Which repositories are protected, and since when?', 'Which branches were force-pushed lately?', 'Who committed most in the last month?'];

export default function Chat({ pieces: [conversation] }: { pieces: string[] }): JSX.Element {
  const talks = useLoad('talks', (signal) => get<Summary[]>(['chat', 'history'], { limit: 100 }, signal));
  const missing = talks.failure !== null && [404, 501].includes(talks.failure.status);
  return (
    <Page title="Chat" about="The agent reads, and may ask for a backup or a restore; it can never approve one." actions={conversation === undefined ? undefined : <a class="button" href="/chat">New conversation</a>}>
      {missing ? <Empty title="There is no agent in this PIVO" command="pivo doctor"><p>This version was started without it. Everything else works.</p></Empty> : (
        <div class="chat">
          <nav aria-label="Conversations">
            <Show of={talks} lines={3}>{(found) => found.length === 0 ? <p class="quiet small">Conversations will be listed here.</p> : (
              <div class="talks">{found.map(({ conversation: id, title }) => <a key={id} href={at(['chat', id])} aria-current={id === conversation ? 'page' : undefined}>{shown(title) || id}</a>)}</div>
            )}</Show>
          </nav>
          <Conversation key={conversation ?? 'new'} id={conversation} onTurn={talks.reload} />
        </div>
      )}
    </Page>
  );
}

function Conversation({ id, onTurn }: { id: string | undefined; onTurn: () => void }): JSX.Element {
  const talk = useLoad(id === undefined ? '' : `talk ${id}`, (signal) => get<Transcript>(['chat', 'history', id ?? ''], {}, signal));
  const [more, setMore] = useState<TurnResult[]>([]);
  const [current, setCurrent] = useState<TurnState | null>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const asking = useRef<AbortController | null>(null);
  useEffect(() => () => asking.current?.abort(), []);
  const goesOn = current === null && (talk.data?.current ?? null) !== null;
  useEffect(() => {
    if (!goesOn) return undefined;
    const timer = setInterval(talk.reload, 1500); // a turn that another door began, or that this page lost sight of
    return () => clearInterval(timer);
  }, [goesOn]);
  const ask = async (question: string): Promise<void> => {
    asking.current = new AbortController();
    setFailure(null);
    setCurrent({ conversation: id ?? '', question, text: '', tools: [] });
    try {
      const result = await askAgent(question, id, (state) => setCurrent((last) => (last === null ? null : { ...last, ...state })), asking.current.signal);
      onTurn();
      if (id === undefined) return go(at(['chat', result.conversation]), { replace: true });
      setMore((turns) => [...turns, result]);
    } catch (error) {
      if (!asking.current.signal.aborted) setFailure(asFailure(error));
    }
    setCurrent(null);
  };
  const stop = (): void => void post(['chat', 'stop', current?.conversation || id || '']).catch((error: unknown) => setFailure(asFailure(error)));
  const known = talk.data?.turns ?? [];
  const turns = [...known, ...more.filter(({ turn }) => !known.some((each) => each.turn === turn))];
  return (
    <div class="turns">
      {talk.failure !== null && <Failure of={talk.failure} retry={talk.reload} />}
      {id !== undefined && talk.data === undefined && talk.failure === null && <Skeleton lines={6} />}
      {id === undefined && current === null && <Empty title="Ask about your repositories"><p>The tools it calls and the SQL it runs are shown.</p><div class="row">{EXAMPLES.map((each) => <button key={each} type="button" onClick={() => void ask(each)}>{each}</button>)}</div></Empty>}
      {turns.map((turn) => <Turn key={turn.turn} of={turn} />)}
      {current !== null && <Turn of={{ question: current.question, answer: current.text, tools: current.tools }} busy />}
      {goesOn && talk.data?.current != null && <Turn of={{ question: talk.data.current.question, answer: '', tools: talk.data.current.tools }} busy />}
      {failure !== null && <Failure of={failure} />}
      <Ask busy={current !== null || goesOn} onAsk={(question) => void ask(question)} onStop={stop} />
    </div>
  );
}

function Ask({ busy, onAsk, onStop }: { busy: boolean; onAsk: (question: string) => void; onStop: () => void }): JSX.Element {
  const box = useRef<HTMLTextAreaElement>(null);
  const send = (): void => {
    const question = box.current?.value.trim() ?? '';
    if (question === '' || busy || box.current === null) return;
    box.current.value = '';
    onAsk(question);
  };
  return (
    <form class="ask" aria-label="Ask" onSubmit={(event) => (event.preventDefault(), send())}>
      <textarea ref={box} rows={2} aria-label="Question" placeholder="Ask about your repositories" maxLength={32_000} onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        send();
      }} />
      <div class="row apart"><span class="quiet small">Enter sends, Shift + Enter is a new line</span>{busy ? <button type="button" onClick={onStop}>Stop</button> : <button class="primary">Ask</button>}</div>
    </form>
  );
}
