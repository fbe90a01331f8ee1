// A model's Markdown on a terminal, while it is still coming: words as they arrive, tables and code when a line is whole.
import { safe } from '../format.ts';
import type { Style } from '../session.ts';
import { markdownTable } from './markdown-table.ts';
import { Words } from './words.ts';

export interface Screen {
  write(text: string): void;
  style: Style;
  /** Width of the terminal; null where the text is for a file or a program, which gets it as it came. */
  columns: number | null;
}

export interface MarkdownStream {
  push(text: string): void;
  /** Writes what is still held back, and ends the line. */
  end(): void;
}

/** The part of CommonMark (spec.commonmark.org) that models write: headings, lists, quotes, fences, emphasis, and GitHub's tables. */
export function markdownStream(screen: Screen): MarkdownStream {
  return screen.columns === null ? plainText(screen) : new PaintedMarkdown(screen, screen.columns);
}

function plainText({ write }: Screen): MarkdownStream {
  let last = '\n';
  return {
    push: (text) => {
      if (text !== '') last = text;
      write(safe(text));
    },
    end: () => write(last.endsWith('\n') ? '' : '\n'),
  };
}

/** First characters of a line that mean something only when the line is whole. */
const HELD = /^[\s|`~#>*+\-\d]/;
/** A heading without the marks that may close it; in time that grows with its length. */
const withoutClosing = (heading: string): string => heading.trimEnd().replace(/(?<!#)#+$/, '').trimEnd();
const FENCE = /^\s*(?:`{3,}|~{3,})\s*(\w*)/;

class PaintedMarkdown implements MarkdownStream {
  private readonly screen: Screen;
  private readonly columns: number;
  private readonly words: Words;
  private pending = '';
  private inLine = false;
  private fence: string | null = null;
  private tableLines: string[] = [];

  constructor(screen: Screen, columns: number) {
    this.screen = screen;
    this.columns = columns;
    this.words = new Words(screen, columns);
  }

  push(text: string): void {
    this.pending += safe(text);
    for (let end = this.pending.indexOf('\n'); end >= 0; end = this.pending.indexOf('\n')) {
      const line = this.pending.slice(0, end);
      this.pending = this.pending.slice(end + 1);
      this.wholeLine(line);
    }
    if (this.fence === null && this.pending !== '' && (this.inLine || !HELD.test(this.pending))) this.startedLine();
  }

  end(): void {
    if (this.pending !== '' || this.inLine) this.wholeLine(this.pending);
    this.pending = '';
    this.flushTable();
  }

  /** The words of a line whose end has not come; the last may still grow. */
  private startedLine(): void {
    this.flushTable();
    this.inLine = true;
    const whole = this.pending.lastIndexOf(' ') + 1;
    this.words.put(this.pending.slice(0, whole));
    this.pending = this.pending.slice(whole);
  }

  private wholeLine(line: string): void {
    if (this.inLine) {
      this.inLine = false;
      this.words.put(line);
      return this.words.endLine();
    }
    const fence = FENCE.exec(line);
    if (this.fence === null && line.trimStart().startsWith('|')) return void this.tableLines.push(line);
    this.flushTable();
    if (fence !== null) this.fence = this.fence === null ? (fence[1] ?? '') : null;
    else if (this.fence === null) this.block(line);
    else this.screen.write(`  ${this.codeLine(line)}\n`);
  }

  private block(line: string): void {
    const { style, write } = this.screen;
    const [, heading] = /^#{1,6}\s+(.*)$/.exec(line) ?? [];
    const [, indent = '', marker, item] = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/.exec(line) ?? [];
    const [, quote] = /^\s*>\s?(.*)$/.exec(line) ?? [];
    if (heading !== undefined) write(`${style.bold(withoutClosing(heading).replaceAll('**', ''))}\n`);
    else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) write(`${style.dim('─'.repeat(Math.min(40, this.columns)))}\n`);
    else if (marker !== undefined) this.hanging(`${indent}${/\d/.test(marker) ? marker : '•'} `, item ?? '');
    else if (quote !== undefined) write(`${style.dim(`│ ${quote}`)}\n`);
    else this.hanging(/^\s*/.exec(line)?.[0] ?? '', line.trim());
  }

  private hanging(lead: string, text: string): void {
    this.words.begin(lead);
    this.words.put(text);
    this.words.endLine();
  }

  private codeLine(line: string): string {
    const { style } = this.screen;
    if (this.fence !== 'diff' && this.fence !== 'patch') return line;
    if (/^(\+\+\+|---|diff |index )/.test(line)) return style.bold(line);
    return line.startsWith('+') ? style.green(line) : line.startsWith('-') ? style.red(line) : line.startsWith('@@') ? style.yellow(line) : line;
  }

  private flushTable(): void {
    if (this.tableLines.length === 0) return;
    this.screen.write(markdownTable(this.tableLines, this.columns, this.screen.style));
    this.tableLines = [];
  }
}
