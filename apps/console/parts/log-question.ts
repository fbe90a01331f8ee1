// What is asked of the logs, as the address of the log explorer says it.
import type { Query } from '../api/client.ts';
import { asked } from '../route.ts';

/** What narrows a search; `component` and `template` come from links of entries. */
const FILTERS = ['level', 'system', 'source', 'run', 'component', 'template'] as const;

/** Words and filters without the time. */
export function askedLogs(): Query {
  const given = FILTERS.map((name) => [name, asked(name)]).filter(([, value]) => value !== '');
  const template = /^[1-9][0-9]{0,8}$/.test(asked('template')) ? { template: Number(asked('template')) } : {};
  return { ...Object.fromEntries(given), ...template, ...(asked('q') === '' ? {} : { query: asked('q') }) };
}

/** The time that is looked at. */
export const askedTime = (): Query => Object.fromEntries(['from', 'to'].map((name) => [name, asked(name)]).filter(([, value]) => value !== ''));

