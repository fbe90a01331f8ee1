// Words for a time in a question become a span that the answer shows.
import { expect, it } from 'vitest';
import { spanIn, withoutSpan } from '../../diagnosis/window.ts';

const NOW = Date.parse('2026-11-21T10:30:00Z');

it.each([
  ["why did last night's restore fail?", '2026-11-20T18:00:00.000Z', '2026-11-21T09:00:00.000Z'],
  ['what broke yesterday?', '2026-11-20T00:00:00.000Z', '2026-11-21T00:00:00.000Z'],
  ['what broke today?', '2026-11-21T00:00:00.000Z', '2026-11-21T10:30:00.000Z'],
  ['why did it stop an hour ago?', '2026-11-21T08:30:00.000Z', '2026-11-21T10:30:00.000Z'],
  ['what failed in the last 30 minutes?', '2026-11-21T10:00:00.000Z', '2026-11-21T10:30:00.000Z'],
  ['what failed in the past week?', '2026-11-14T10:30:00.000Z', '2026-11-21T10:30:00.000Z'],
  ['why did vue fail on 2026-11-03?', '2026-11-03T00:00:00.000Z', '2026-11-04T00:00:00.000Z'],
  ['what failed since 2026-11-20?', '2026-11-20T00:00:00.000Z', '2026-11-21T10:30:00.000Z'],
])('%s', (question, from, to) => {
  const span = spanIn(question, NOW);
  expect([new Date(span?.from ?? 0).toISOString(), new Date(span?.to ?? 0).toISOString()]).toEqual([from, to]);
  expect(withoutSpan(question, span)).not.toContain(span?.words);
});

it.each(['why did the nightly export fail?', 'why did it fail on 2026-13-45?', 'why did weather-2026 fail?'])('%s names no time', (question) => {
  expect(spanIn(question, NOW)).toBeNull();
});
