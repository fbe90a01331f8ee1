// An address that means no page.
import type { JSX } from 'preact';
import { Page } from '../parts/page.tsx';
import { Empty } from '../parts/state.tsx';

export default function Missing(): JSX.Element {
  return <Page title="There is no such page"><Empty title="The address is not one of the console’s"><a class="button" href="/">To the overview</a></Empty></Page>;
}
