// The message of one delivery: the target's template, or the default one, filled with what happened.
import { PivoError } from '../contract/failures.ts';
import type { Notification, NotificationEvent } from '../contract/notification.ts';
import { EVENT_WORDS } from './events.ts';
import { compileTemplate, type Template, type Values } from './template.ts';

/** Most bytes of a message. */
const MOST_BYTES = 2 ** 20;

/** Names beside `facts.…`. */
const COMMON = ['id', 'target', 'event', 'key', 'time', 'repository', 'title', 'severity', 'facts'];

/** What a target without a template is sent. */
export const DEFAULT_TEMPLATE = compileTemplate(
  { id: '{{id}}', event: '{{event}}', key: '{{key}}', time: '{{time}}', repository: '{{repository}}', severity: '{{severity}}', title: '{{title}}', facts: '{{facts}}' },
  'the default template',
);

const TITLES = new Map(Object.entries(EVENT_WORDS).map(([event, { title }]) => [event, compileTemplate(title, `the title of ${event}`)]));

/** Whose template it is. */
interface TemplateOwner {
  events: readonly NotificationEvent[];
  /** Whether there is a token that it may name. */
  token: boolean;
  /** Further names. */
  more?: readonly string[];
}

/** Fails with InvalidInput that lists the names that no event of its target has. */
export function checkNames({ names }: Template, { events, token, more = [] }: TemplateOwner, what: string): void {
  const facts = new Set(events.flatMap((event) => EVENT_WORDS[event].facts));
  const unknown = names.filter((name) => {
    const [first = '', second] = name.split('.');
    return first === 'facts' ? second !== undefined && !facts.has(second) : !(COMMON.includes(name) || more.includes(name) || (token && name === 'token'));
  });
  if (unknown.length === 0) return;
  throw new PivoError('InvalidInput', `${what} names what is not there: ${unknown.map((name) => `{{${name}}}`).join(', ')}`, {
    hint: `Known: ${[...COMMON, ...more].join(', ')}, "token" where one is configured, and of ${events.join(', ')}: ${[...facts].sort().map((name) => `facts.${name}`).join(', ')}.`,
  });
}

/** Characters of a title: chats take no more than a few. */
const LONGEST_TITLE = 500;

/** One line that says what happened. */
export function titleOf(notification: Notification): string {
  const title = TITLES.get(notification.event)?.render(valuesOf(notification)) ?? notification.event;
  return typeof title === 'string' ? title.slice(0, LONGEST_TITLE).toWellFormed() : notification.event;
}

const valuesOf = ({ event, key, time, repository, facts }: Notification): Values => ({ event, key, time, repository, facts });

/** What a message is made of, beside its template. `token`: for templates that name it. */
export interface MessageContent {
  id: string;
  target: string;
  notification: Notification;
  token?: string | null;
}

/** The body of the request for delivery `id`: JSON in UTF-8. Fails with LimitExceeded when it is larger than a megabyte. */
export function messageOf(template: Template, content: MessageContent): string {
  return bounded(JSON.stringify(template.render(contentValues(content))));
}

/** Whatever a template may name. */
export function contentValues({ id, target, notification, token = null }: MessageContent): Values {
  const severity = EVENT_WORDS[notification.event].severity(notification.facts);
  return { ...valuesOf(notification), id, target, token, title: titleOf(notification), severity };
}

/** The text of a message. Fails with LimitExceeded when it is larger than a megabyte. */
export function bounded(text: string): string {
  if (Buffer.byteLength(text) > MOST_BYTES) throw new PivoError('LimitExceeded', `the message is larger than ${MOST_BYTES} bytes`, { hint: 'Let the template name single facts instead of {{facts}}.' });
  return text;
}
