// What a mail says: the target's template with `subject` and `text`, or the default one, filled with what happened.
import { PivoError } from '../../contract/failures.ts';
import { bounded, contentValues, type MessageContent } from '../message.ts';
import { compileTemplate, type Json, type Template } from '../template.ts';
import { oneLine } from '../words.ts';

/** Characters of a subject: readers show no more. */
const LONGEST_SUBJECT = 200;

/** Names that only mails have: all facts, one a line. */
export const MAIL_NAMES = ['lines'];

/** What a target without a template is mailed. */
export const DEFAULT_MAIL = compileTemplate({ subject: 'PIVO: {{title}}', text: '{{title}}\n\n{{lines}}\n\n{{severity}}, {{event}}, {{time}}\nDelivery {{id}} to {{target}}\n' }, 'the default mail');

/** Fails with InvalidInput for a template that is no mail. */
export function checkMailTemplate(template: Template, what: string): void {
  const document = template.render({});
  const names = typeof document === 'object' && document !== null ? Object.keys(document).sort().join() : '';
  if (names === 'subject,text' && Object.values(document as object).every((each) => typeof each === 'string')) return;
  throw new PivoError('InvalidInput', `${what} is no mail`, { hint: 'A mail is {"subject": "…", "text": "…"}: two strings and nothing else.' });
}

export interface Mail {
  /** One line. */
  subject: string;
  text: string;
}

/** Fails with InvalidInput for a template that is no mail, and with LimitExceeded when the text is larger than a megabyte. */
export function mailOf(template: Template, content: MessageContent): Mail {
  checkMailTemplate(template, `the template of ${content.target}`);
  const { repository, facts } = content.notification;
  const lines = [...(repository === null ? [] : [`repository: ${oneLine(repository)}`]), ...Object.entries(facts).map(([name, value]) => `${name}: ${oneLine(textOf(value))}`)].join('\n');
  const { subject = '', text = '' } = template.render({ ...contentValues(content), lines }) as Record<'subject' | 'text', Json>;
  return { subject: oneLine(textOf(subject)).slice(0, LONGEST_SUBJECT).toWellFormed(), text: bounded(textOf(text)) };
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value));
