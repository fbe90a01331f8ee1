// docs/notifications.md: its templates and its Python do what they say.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotificationEvent, type Notification } from '../../contract/notification.ts';
import { EVENT_WORDS } from '../../notify/events.ts';
import { attempt } from '../../notify/deliver.ts';
import { checkNames, DEFAULT_TEMPLATE, messageOf } from '../../notify/message.ts';
import { MAIL_NAMES, mailOf } from '../../notify/email/message.ts';
import { parseTemplate, type Template } from '../../notify/template.ts';
import { startReceiver, type Receiver } from './receiver.ts';
import { targetOf } from './targets.ts';

const run = promisify(execFile);
const docs = await readFile(new URL('../../docs/notifications.md', import.meta.url), 'utf8');
const blocks = [...docs.matchAll(/^```(\w+)(?: (\w+))?\n([^]*?)^```$/gm)].map(([, language, name, text]) => ({ language, name, text: text ?? '' }));
const blockOf = (name: string): string => blocks.find((block) => block.name === name || (name === 'python' && block.language === 'python'))?.text ?? '';
const template = (name: string): Template => parseTemplate(blockOf(name), name);

let receiver: Receiver;
beforeAll(async () => void (receiver = await startReceiver()));
afterAll(() => receiver.stop());

const hostile = '<!channel> @everyone "quoted" {{token}} [x](https://evil.example)';
const notification = (event: NotificationEvent): Notification => ({ event, key: 'k1', time: '2026-11-21T10:00:00.000Z', repository: 'execa', facts: { visit: 7, newBytes: 10, message: hostile, outcome: 'failed' } });
const filled = (name: string, event: NotificationEvent): unknown => JSON.parse(messageOf(template(name), { id: 'a1', target: 't', notification: notification(event), token: 'R123' }));

describe('the ready templates', () => {
  it.each(['slack', 'teams', 'discord', 'pagerduty'])('%s names only what every event has', (name) => {
    for (const event of NotificationEvent.options) expect(() => checkNames(template(name), { events: [event], token: name === 'pagerduty' }, name)).not.toThrow();
  });

  it('make the documents that their receivers know', () => {
    const title = `The backup of execa ended without a visit (failed): ${hostile}`;
    expect(filled('slack', 'visit.failed')).toMatchObject({ text: 'PIVO: visit.failed', blocks: [{ type: 'section', text: { type: 'plain_text', text: title } }, { elements: [{ type: 'plain_text' }] }] });
    expect(filled('teams', 'visit.failed')).toMatchObject({ attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard', body: [{ inlines: [{ type: 'TextRun', text: title }] }, { inlines: [{ text: 'error · visit.failed · 2026-11-21T10:00:00.000Z' }] }] } }] });
    expect(filled('discord', 'visit.failed')).toEqual({ username: 'PIVO', content: title, allowed_mentions: { parse: [] } });
    expect(filled('pagerduty', 'visit.failed')).toMatchObject({ routing_key: 'R123', event_action: 'trigger', dedup_key: 'k1', payload: { summary: title, source: 'PIVO execa', severity: 'error', custom_details: { visit: 7 } } });
  });

  it('the mail is one', () => {
    expect(() => checkNames(template('mail'), { events: ['test'], token: false, more: MAIL_NAMES }, 'mail')).not.toThrow();
    expect(mailOf(template('mail'), { id: 'a1', target: 't', notification: notification('visit.done') })).toEqual({ subject: '[info] execa is backed up: visit 7, 10 new bytes', text: expect.stringContaining(`\n\nrepository: execa\nvisit: 7\nnewBytes: 10\nmessage: ${hostile}`) as string });
  });

  it('the default one is what the page shows', () => {
    const shown = blocks.find(({ language, name }) => language === 'json' && name === undefined)?.text ?? '';
    const content = { id: 'a1', target: 't', notification: notification('visit.done') };
    expect(messageOf(parseTemplate(shown, 'shown'), content)).toBe(messageOf(DEFAULT_TEMPLATE, content));
  });
});

it('lists every event with its facts', () => {
  for (const [event, { facts }] of Object.entries(EVENT_WORDS)) expect(docs.split(`| \`${event}\` |`)[1]?.split('\n')[0]).toContain(facts.join(', '));
});

describe.each(['plain-secret-4711', `whsec_${Buffer.from('thirty-two bytes of a secret key').toString('base64')}`])('the Python of the page, with the secret %s', (secret) => {
  it('knows what PIVO sent from what somebody else did', async () => {
    await attempt(targetOf({ url: receiver.url, secretEnv: 'S' }, { env: { S: secret } }), { id: 'a'.repeat(32), notification: notification('visit.failed') }, new AbortController().signal);
    const { headers, body } = receiver.received.at(-1) ?? { headers: {}, body: '' };
    const script = `${blockOf('python')}\nimport json, sys\ngiven = json.loads(sys.argv[1])\nprint(json.dumps([is_from_pivo(secret, headers, body.encode()) for secret, headers, body in given]))`;
    const old = { ...headers, 'webhook-timestamp': '1' };
    const { stdout } = await run('python3', ['-c', script, JSON.stringify([[secret, headers, body], ['other', headers, body], [secret, headers, `${body} `], [secret, old, body]])]);
    expect(JSON.parse(stdout)).toEqual([true, false, false, false]);
  });
});
