// Words laid into lines of a terminal's width, with bold and code, as they come.
import type { Style } from '../session.ts';

/** Lines longer than this are hard to read, however wide the terminal is. */
const WIDEST = 110;

export class Words {
  private readonly write: (text: string) => void;
  private readonly style: Style;
  private readonly width: number;
  private column = 0;
  private hang = 0;
  private bold = false;
  private code = false;
  private space = false;

  constructor({ write, style }: { write(text: string): void; style: Style }, columns: number) {
    this.write = write;
    this.style = style;
    this.width = Math.min(columns, WIDEST);
  }

  /** Begins a line with a marker or an indent, below which its further lines are indented. */
  begin(lead: string): void {
    this.write(lead);
    this.column = this.hang = lead.length;
  }

  /** Text that ends where a word ends. */
  put(text: string): void {
    for (const piece of text.match(/\s+|\S+/g) ?? []) {
      if (piece.trim() === '') this.space = this.column > this.hang;
      else this.word(piece);
    }
  }

  endLine(): void {
    this.write('\n');
    this.column = this.hang = 0;
    this.space = this.bold = this.code = false;
  }

  private word(word: string): void {
    const painted = this.painted(word);
    if (this.column > this.hang && this.column + 1 + painted.length > this.width) {
      this.write(`\n${' '.repeat(this.hang)}`);
      this.column = this.hang;
    } else if (this.space) {
      this.write(' ');
      this.column += 1;
    }
    this.space = false;
    this.write(painted.text);
    this.column += painted.length;
  }

  /** The word without the marks of bold, which may have begun words ago; code keeps its marks. */
  private painted(word: string): { text: string; length: number } {
    let [text, length] = ['', 0];
    for (const part of word === '**' ? [word] : word.split(/(\*\*|`)/)) {
      if (part === '**' && word !== part && !this.code) {
        this.bold = !this.bold;
        continue;
      }
      const closes = part === '`' && this.code;
      if (part === '`') this.code = true;
      text += this.code ? this.style.yellow(part) : this.bold ? this.style.bold(part) : part;
      if (closes) this.code = false;
      length += Array.from(part).length;
    }
    return { text, length };
  }
}
