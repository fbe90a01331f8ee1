// What the pages of the spool share: title and tabs, and a choice that is kept in the address.
import type { ComponentChildren, JSX } from 'preact';
import type { SpoolBatch } from '../../../contract/spool.ts';
import { duration } from '../format.ts';
import { go, here } from '../route.ts';
import { Page, Tabs } from './page.tsx';

const TABS = [
  { label: 'Spool', href: '/spool' },
  { label: 'Batches', href: '/spool/batches' },
  { label: 'Pushes', href: '/spool/pushes' },
  { label: 'Notifications', href: '/spool/deliveries' },
];

export function SpoolPage({ title, about, children }: { title: string; about: string; children: ComponentChildren }): JSX.Element {
  return (
    <Page title={title} about={about}>
      <div class="stack">
        <Tabs label="Spool" tabs={TABS} />
        {children}
      </div>
    </Page>
  );
}

/** One of `options` or none, which is every one; another choice begins at the first page. */
export function Choice({ name, label, every, options, value }: { name: string; label: string; every: string; options: readonly string[]; value: string }): JSX.Element {
  return (
    <select class="narrow" aria-label={label} value={value} onChange={(event) => go(here({ [name]: event.currentTarget.value, before: '', limit: '' }))}>
      <option value="">{every}</option>
      {options.map((each) => <option key={each} value={each}>{each}</option>)}
    </select>
  );
}

/** What the address asks for where it is one of the options; a wrong one is none. */
export const chosen = <T extends string>(options: readonly T[], asked: string): T | '' => options.find((each) => each === asked) ?? '';

/** How long a batch was open; nothing while it is. */
export const tookOf = ({ opened, finished }: Pick<SpoolBatch, 'opened' | 'finished'>): string => (finished === null ? '–' : duration(Math.max(0, Date.parse(finished) - Date.parse(opened)) / 1000));
