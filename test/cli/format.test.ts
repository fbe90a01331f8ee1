// What people read and type: sizes, dates, tables, and places.
import { describe, expect, it } from 'vitest';
import { failureText } from '../../apps/cli/failure.ts';
import { count, duration, instant, safeLine, shortId, size, table } from '../../apps/cli/format.ts';
import { placeOf } from '../../apps/cli/place.ts';
import { progressText } from '../../apps/cli/progress.ts';

describe('numbers and dates', () => {
  it('are short and have their unit', () => {
    expect([0, 1, 999, 1000, 1_500_000, 99_949, 99_950, 999_500, 2.5e9].map(size)).toEqual(['0 bytes', '1 byte', '999 bytes', '1.0 kB', '1.5 MB', '99.9 kB', '100 kB', '1.0 MB', '2.5 GB']);
    expect(count(1234567)).toBe('1,234,567');
    expect(instant('2026-11-21T10:46:22.123Z')).toBe('2026-11-21 10:46:22');
    expect([instant(null), instant('soon')]).toEqual(['-', 'soon']);
    expect([21_600, 90, 86_400].map(duration)).toEqual(['6 hours', '90 seconds', '1 day']);
  });

  it('abbreviate ids as git does', () => {
    expect(shortId('a'.repeat(40))).toBe('a'.repeat(12));
    expect(shortId(`swh:1:snp:${'b'.repeat(40)}`)).toBe(`snp-${'b'.repeat(12)}`);
    expect(shortId('main')).toBe('main');
  });
});

describe('tables', () => {
  it('align by what is seen, without trailing blanks', () => {
    const rows = [{ name: '\u001B[32mexeca\u001B[39m', commits: 7 }, { name: 'x', commits: 1200 }];
    expect(table(rows, [{ title: 'NAME', value: ({ name }) => name }, { title: 'COMMITS', value: ({ commits }) => count(commits), align: 'right' }])).toBe('NAME   COMMITS\n\u001B[32mexeca\u001B[39m        7\nx        1,200\n');
    expect(table([], [])).toBe('');
  });

  it('never let text of a repository control the terminal', () => {
    expect(safeLine('a\u001B[2Jb\tc\nd\u009Be')).toBe('a\\x1b[2Jb c d\\x9be');
    expect(failureText({ kind: 'NotFound', message: 'no \u001B]0;x\u0007' }, false, false)).toBe('error: no \\x1b]0;x\\x07\n');
  });
});

describe('places', () => {
  it('stay as they are when they are URLs, and become absolute when they are paths', () => {
    for (const url of ['https://host/a/b.git', 'ssh://git@host/a', 'git@host:team/x.git', 'host:x', 'ext::sh -c id', '--upload-pack=x', 'file:///srv/x']) expect(placeOf(url, '/here')).toBe(url);
    expect(placeOf('x.git', '/here')).toBe('/here/x.git');
    expect(placeOf('../x', '/here')).toBe('/x');
    expect(placeOf('./a:b', '/here')).toBe('/here/a:b');
    expect(placeOf('/srv/x', '/here')).toBe('/srv/x');
  });
});

describe('progress', () => {
  it('shows a bar where the end is known, and what was done where it is not', () => {
    expect(progressText({ phase: 'fetch', done: 50, total: 100, bytes: 2_000_000 })).toBe(`fetch  ${'█'.repeat(12)}${'░'.repeat(12)}  50 of 100  2.0 MB`);
    expect(progressText({ phase: 'emit', done: 12_000 })).toBe('emit  12,000');
  });
});
