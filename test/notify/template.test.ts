// Templates: what comes out is JSON of the template's own shape, whatever the values are.
import { assert, jsonValue, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Notification } from '../../contract/notification.ts';
import { checkNames, DEFAULT_TEMPLATE, messageOf, titleOf } from '../../notify/message.ts';
import { compileTemplate, parseTemplate, type Json } from '../../notify/template.ts';

const news = (facts: Notification['facts'], event: Notification['event'] = 'visit.done'): Notification => ({ event, key: 'k', time: '2026-11-21T10:00:00.000Z', repository: 'execa', facts });
const filled = (document: Json, values: Record<string, Json>): Json => compileTemplate(document, 'a template').render(values);

describe('a template', () => {
  it('puts values into its strings', () => {
    expect(filled({ text: 'visit {{facts.visit}} of {{repository}}!' }, { repository: 'execa', facts: { visit: 7 } })).toEqual({ text: 'visit 7 of execa!' });
  });

  it('gives a string that is one placeholder the type of its value', () => {
    expect(filled(['{{n}}', '{{ b }}', '{{z}}', '{{o}}', ' {{n}}'], { n: 7, b: true, z: null, o: { a: [1] } })).toEqual([7, true, null, { a: [1] }, ' 7']);
  });

  it('leaves an empty string where there is no value', () => {
    expect(filled(['{{gone}}', 'a{{facts.gone.deeper}}b'], { facts: { gone: null } })).toEqual(['', 'ab']);
  });

  it.each(['constructor', 'toString', '__proto__', 'facts.__proto__', 'facts.length'])('does not reach what every object has: %s', (name) => {
    expect(filled(`{{${name}}}`, { facts: {} })).toBe('');
  });

  it.each(['"', '\n', '{{event}}', '}}', '{{', '\\', '\u0000', '\u2028', '</script>', '{"a":1}', '\u007F', '💥'])('takes %j as data', (hostile) => {
    expect(JSON.parse(JSON.stringify(filled({ a: 'x{{v}}y', b: '{{v}}' }, { v: hostile, event: 'no' })))).toEqual({ a: `x${hostile}y`, b: hostile });
  });

  it('makes halves of surrogate pairs readable', () => {
    expect(filled(['{{v}}', 'x{{v}}', '{{o}}'], { v: 'a\uD800', o: { 'k\uDC00': '\uDFFF' } })).toEqual(['a\uFFFD', 'xa\uFFFD', { 'k\uFFFD': '\uFFFD' }]);
  });

  it('keeps its shape whatever the values are', () => {
    assert(property(string({ unit: 'binary' }), jsonValue(), (text, json) => {
      const out = JSON.parse(JSON.stringify(filled({ a: ['{{t}} and {{j}}', '{{j}}'], b: '{{t}}', c: 1 }, { t: text, j: json as Json }))) as { a: Json[]; b: Json };
      expect(Object.keys(out)).toEqual(['a', 'b', 'c']);
      expect(out.a).toHaveLength(2);
      expect(typeof out.a[0]).toBe('string');
      expect(out.b).toBe(text.toWellFormed());
    }));
  });

  it.each([['{"a": }', /is no JSON/], ['{"text": "{{ }}"}', /string at \$\.text has "\{\{"/], ['["{{a b}}"]', /string at \$\[0\]/], ['"{{a}} {{"', /string at \$ has/]])('is refused with its place: %s', (text, message) => {
    expect(() => parseTemplate(text, 'the template x')).toThrow(message);
  });

  it('is refused when it is bottomless or endless', () => {
    expect(() => parseTemplate(`${'['.repeat(40)}${']'.repeat(40)}`, 'x')).toThrow(/nested deeper/);
    expect(() => compileTemplate(Array.from({ length: 501 }, () => '{{facts}}'), 'x')).toThrow(/501 placeholders/);
  });
});

describe('names', () => {
  it('are checked against the events that the target is told of, with a hint that lists them', () => {
    const template = parseTemplate('["{{facts.visit}}", "{{facts.tag}}", "{{titel}}"]', 'x');
    expect(() => checkNames(template, { events: ['visit.done'], token: false }, 'the template of chat')).toThrow('the template of chat names what is not there: {{facts.tag}}, {{titel}}');
    expect(() => checkNames(parseTemplate('["{{facts.visit}}", "{{facts}}", "{{title}}"]', 'x'), { events: ['visit.done'], token: false }, 'x')).not.toThrow();
  });
});

describe('a message', () => {
  it('without a template says everything', () => {
    const notification = news({ visit: 3, newBytes: 12, outcome: 'full' });
    expect(JSON.parse(messageOf(DEFAULT_TEMPLATE, { id: 'abc', target: 'chat', notification }))).toEqual({
      id: 'abc', event: 'visit.done', key: 'k', time: notification.time, repository: 'execa', severity: 'info', title: 'execa is backed up: visit 3, 12 new bytes', facts: notification.facts,
    });
  });

  it.each([['gate.done', { status: 'failed' }, 'error'], ['gate.done', { status: 'done' }, 'info'], ['visit.done', { outcome: 'partial' }, 'warning'], ['visit.held', {}, 'error']] as const)('%s with %j is of severity %s', (event, facts, severity) => {
    expect(JSON.parse(messageOf(DEFAULT_TEMPLATE, { id: 'a', target: 't', notification: news(facts, event) }))).toMatchObject({ severity });
  });

  it('has a title for every event, also when its facts are missing', () => {
    for (const event of ['gate.open', 'gate.done', 'embed.start', 'visit.done', 'visit.failed', 'visit.held', 'restore.approval', 'pipeline.approval', 'proof.overdue', 'test'] as const) expect(titleOf(news({}, event)).length).toBeGreaterThan(10);
  });

  it('larger than a megabyte is refused', () => {
    const template = compileTemplate(Array.from({ length: 400 }, () => '{{facts}}'), 'x');
    expect(() => messageOf(template, { id: 'a', target: 't', notification: news({ x: 'y'.repeat(4_000) }) })).toThrow(/larger than/);
  });
});
