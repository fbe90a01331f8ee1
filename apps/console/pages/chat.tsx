// Chat: asking the agent, seeing what it does, and the conversations there were.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ConversationSummary } from '../../../contract/conversation.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { shown } from '../format.ts';
import { useTalk } from '../parts/conversation.ts';
import { Page } from '../parts/page.tsx';
import { Empty, Failure, Show, Skeleton } from '../parts/state.tsx';
import { Turn } from '../parts/turn.tsx';
import { at } from '../route.ts';

const EXAMPLES = ['Which repositories are protected, and since when?', 'Which branches were force-pushed lately?', 'Who committed most in the last month?'];

export default function Chat({ pieces: [conversation] }: { pieces: string[] }): JSX.Element {
  const talks = useLoad('talks', (signal) => get<ConversationSummary[]>(['chat', 'history'], { limit: 100 }, signal));
  const missing = talks.failure !== null && [404, 501].includes(talks.failure.status);
  return (
    <Page title="Chat" about="The agent reads, and may ask for a backup, a restore or a pipeline; it can never approve one." actions={conversation === undefined ? undefined : <a class="button" href="/chat">New conversation</a>}>
      {missing ? <Empty title="There is no agent in this PIVO" command="pivo doctor"><p>This version was started without it. Everything else works.</p></Empty> : (
        <div class="chat">
          <nav aria-label="Conversations">
            <Show of={talks} lines={3}>{(found) => <Talks of={conversation === undefined || found.some((each) => each.conversation === conversation) ? found : [{ conversation, title: 'This conversation' }, ...found]} open={conversation} />}</Show>
          </nav>
          <Conversation key={conversation ?? 'new'} id={conversation} onTurn={talks.reload} />
        </div>
      )}
    </Page>
  );
}

function Talks({ of, open }: { of: Pick<ConversationSummary, 'conversation' | 'title'>[]; open: string | undefined }): JSX.Element {
  if (of.length === 0) return <p class="quiet small">Conversations will be listed here.</p>;
  return <div class="talks">{of.map(({ conversation, title }) => <a key={conversation} href={at(['chat', conversation])} aria-current={conversation === open ? 'page' : undefined}>{shown(title) || conversation}</a>)}</div>;
}

function Conversation({ id, onTurn }: { id: string | undefined; onTurn: () => void }): JSX.Element {
  const { transcript, turns, current, stream, failure, ask, stop } = useTalk(id, onTurn);
  useNewest(`${turns.length} ${current?.turn ?? ''} ${transcript.data !== undefined}`, `${current?.tools.length} ${current?.text.length}`);
  return (
    <div class="turns">
      {transcript.failure !== null && <Failure of={transcript.failure} retry={transcript.reload} />}
      {id !== undefined && transcript.data === undefined && transcript.failure === null && current === null && <Skeleton lines={6} />}
      {id === undefined && current === null && <Empty title="Ask about your repositories"><p>The tools it calls and the SQL it runs are shown.</p><div class="row">{EXAMPLES.map((each) => <button key={each} type="button" onClick={() => void ask(each)}>{each}</button>)}</div></Empty>}
      {turns.map((turn) => <Turn key={turn.turn} of={turn} />)}
      {current !== null && <Turn of={{ question: current.question, answer: current.text, tools: current.tools }} busy />}
      {current !== null && stream === 'lost' && <p class="quiet small" role="status">The stream dropped; reconnecting…</p>}
      {failure !== null && <Failure of={failure} />}
      <Ask busy={current !== null} onAsk={(question) => void ask(question)} onStop={() => void stop()} />
    </div>
  );
}

/** Pixels from the end within which a reader is taken to read along. */
const AT_END = 160;

/** Shows the end when a turn came, and keeps showing it while the reader reads along. */
function useNewest(turns: string, answered: string): void {
  const page = document.documentElement;
  const height = useRef(0);
  const toEnd = (): void => scrollTo(0, page.scrollHeight);
  useEffect(toEnd, [turns]);
  useEffect(() => {
    if (scrollY + innerHeight > height.current - AT_END) toEnd();
    height.current = page.scrollHeight;
  }, [answered]);
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
