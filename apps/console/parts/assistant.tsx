// What the pages of the assistant share: title and tabs, and who wrote an answer.
import type { ComponentChildren, JSX } from 'preact';
import { Page, Tabs } from './page.tsx';

const TABS = [
  { label: 'Why it failed', href: '/assistant/debug' },
  { label: 'Commands', href: '/assistant/commands' },
  { label: 'Spark tuning', href: '/assistant/tuning' },
];

export function AssistantPage({ title, about, children }: { title: string; about: string; children: ComponentChildren }): JSX.Element {
  return (
    <Page title={title} about={about}>
      <div class="stack">
        <Tabs label="Assistant" tabs={TABS} />
        {children}
      </div>
    </Page>
  );
}

/** Told with every text that a model may have written. */
export function WrittenBy({ who }: { who: string }): JSX.Element {
  return <p class="quiet small">{who === 'pivo' ? 'Written by PIVO from the facts, without a model.' : `Put into words by ${who}, and checked against the facts.`}</p>;
}
