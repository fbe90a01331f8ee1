// A model's Markdown on a terminal: the same however it comes in pieces, within the width, and harmless.
import { describe, expect, it } from 'vitest';
import { markdownStream } from '../../apps/cli/chat/markdown.ts';

const plain = (text: string): string => text;
const marks = { bold: (text: string) => `<b>${text}</b>`, dim: plain, green: (text: string) => `<+>${text}`, yellow: (text: string) => `<y>${text}`, red: (text: string) => `<->${text}` };
const bare = { bold: plain, dim: plain, green: plain, yellow: plain, red: plain };

function shown(pieces: string[], columns: number | null, style = bare): string {
  let text = '';
  const stream = markdownStream({ write: (more) => void (text += more), style, columns });
  for (const piece of pieces) stream.push(piece);
  stream.end();
  return text;
}

const TEXT = `## Who changed **it**

The file \`main.py\` was changed by **Ada Lovelace and Bob** three times last month; 2 ** 3 stays.

| who | commits | why |
|---|---:|:--|
| Ada | 12 | \`fix\` what was very broken, told at such a length that no terminal is wide enough for it |
| Bob \\| Eve | 1 | x |

- one item that is long enough to be laid into two lines of this narrow terminal
  1. nested

\`\`\`diff
--- a/x
+++ b/x
@@ -1 +1 @@
-old
+new
\`\`\`
> quoted
---
end`;

describe('on a terminal', () => {
  it.each([1, 2, 3, 7, 40])('is the same in pieces of %i characters as in one', (size) => {
    const pieces = TEXT.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
    expect(shown(pieces, 60, marks)).toBe(shown([TEXT], 60, marks));
  });

  it('keeps to the width, tables too', () => {
    for (const line of shown([TEXT], 60).split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  it('paints headings, emphasis, code, tables and differences', () => {
    const text = shown([TEXT], 110, marks);
    expect(text).toContain('<b>Who changed it</b>\n');
    expect(text).toContain('<b>Ada</b> <b>Lovelace</b> <b>and</b> <b>Bob</b> three');
    expect(text).toContain('2 ** 3 stays.');
    expect(text).toMatch(/\nBob \| Eve +1 {2}x\n/);
    expect(text).toContain('  <y>@@ -1 +1 @@\n  <->-old\n  <+>+new\n│ quoted\n');
  });

  it('takes the marks that close a heading away, however much stands before them', () => {
    expect(shown([`# a${' '.repeat(300_000)}b ##  \n# C# ##\n# ${'#'.repeat(300_000)}c\n`], 80)).toMatch(/^a {300000}b\nC#\n#+c\n$/);
  });

  it('writes words as they come, and holds back what may still become something else', () => {
    let text = '';
    const stream = markdownStream({ write: (more) => void (text += more), style: bare, columns: 80 });
    stream.push('There are tw');
    expect(text).toBe('There are');
    stream.push('o\n| a');
    expect(text).toBe('There are two\n');
    stream.end();
    expect(text).toBe('There are two\n| a\n');
  });
});

it.each([80, null])('shows control characters instead of sending them (columns: %s)', (columns) => {
  expect(shown(['a \u001B[2J', '\u001B]0;title\u0007 b'], columns)).toBe('a \\x1b[2J\\x1b]0;title\\x07 b\n');
});

it('stays as it is where it is for a file or a program', () => {
  expect(shown([TEXT], null)).toBe(`${TEXT}\n`);
});
