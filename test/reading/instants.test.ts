// Instants as people write them.
import { expect, test } from 'vitest';
import { parseInstant } from '../../archive/reading/instants.ts';
import { parseSpec } from '../../contract/spec.ts';

test.each([
  ['2026-11-01', '2026-11-01T23:59:59.999Z'],
  ['2026-11-01T12:00Z', '2026-11-01T12:00:00.000Z'],
  ['2026-11-01T12:00', '2026-11-01T12:00:00.000Z'],
  ['2026-11-01 12:00:30', '2026-11-01T12:00:30.000Z'],
  ['2026-11-01T12:00:30.5Z', '2026-11-01T12:00:30.500Z'],
  ['2026-11-01T12:00:30.123456789Z', '2026-11-01T12:00:30.123Z'],
  ['2026-11-01T12:00+02:00', '2026-11-01T10:00:00.000Z'],
  ['2026-11-01T00:30-0530', '2026-11-01T06:00:00.000Z'],
  ['2026-11-01T00:30+01', '2026-10-31T23:30:00.000Z'],
  ['2026-12-31T24:00Z', '2027-01-01T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T23:59:59.999Z'],
])('%s is %s', (text, iso) => {
  expect(parseInstant(text)?.toISOString()).toBe(iso);
});

test.each(['', 'v1.0', '2026', '2026-11', '2026-13-01', '2026-02-30', '2025-02-29', '2026-11-01T25:00Z', '2026-11-01T24:01Z', '2026-11-01T12:60Z', '2026-11-01T12:00+15:00', '2026-11-01T12', '20261101', 'yesterday', '2026-11-01-rc1', ' 2026-11-01'])('%j is no instant', (text) => {
  expect(parseInstant(text)).toBeNull();
});

test.each([
  ['execa', 'execa', 'latest'],
  ['execa@', 'execa', 'latest'],
  ['execa@v1.0', 'execa', 'v1.0'],
  ['execa@2026-11-01T12:00Z', 'execa', '2026-11-01T12:00Z'],
  ['execa@feature/a@b', 'execa', 'feature/a@b'],
])('%s is %s at %s', (spec, repository, point) => {
  expect(parseSpec(spec)).toEqual({ repository, point });
});
