// Masks comments and strings of a source text, so that what is left can be searched by simple patterns.

export interface Lexis {
  lineComments: readonly string[];
  blockComment?: readonly [open: string, close: string];
  /** Longer ones before those that begin like them. */
  quotes: readonly string[];
  /** Quotes whose strings may hold line breaks. */
  multiline: readonly string[];
}

export const PYTHON: Lexis = { lineComments: ['#'], quotes: ['"""', "'''", '"', "'"], multiline: ['"""', "'''"] };
export const JVM: Lexis = { lineComments: ['//'], blockComment: ['/*', '*/'], quotes: ['"""', '"'], multiline: ['"""'] };
export const SCRIPT: Lexis = { lineComments: ['//'], blockComment: ['/*', '*/'], quotes: ['"', "'", '`'], multiline: ['`'] };
export const GO: Lexis = { lineComments: ['//'], blockComment: ['/*', '*/'], quotes: ['"', '`'], multiline: ['`'] };
export const SQL: Lexis = { lineComments: ['--'], blockComment: ['/*', '*/'], quotes: ["'"], multiline: ["'"] };

/** A string of the source: offsets of its content. */
export interface StringToken {
  from: number;
  to: number;
}

export interface Masked {
  /** Of the same length: comments are blanks, contents of strings `_`, quotes and line breaks stay. */
  text: string;
  /** By the offset of the opening quote. */
  strings: ReadonlyMap<number, StringToken & { end: number }>;
}

/** One pass over the text; a string that does not end, ends with its line or with the text. */
export function mask(text: string, lexis: Lexis): Masked {
  const pieces: string[] = [];
  const strings = new Map<number, StringToken & { end: number }>();
  const opening = openings(lexis);
  let kept = 0;
  const put = (from: number, to: number, sign: string): void => {
    pieces.push(text.slice(kept, from), text.slice(from, to).replaceAll(/[^\n]/g, sign));
    kept = to;
  };
  for (let found = opening.exec(text); found !== null; found = opening.exec(text)) {
    const [token, at] = [found[0], found.index];
    if (lexis.quotes.includes(token)) {
      const [to, end] = endOfString(text, at + token.length, token, lexis);
      strings.set(at, { from: at + token.length, to, end });
      put(at + token.length, to, '_');
      opening.lastIndex = end;
    } else {
      const end = token === lexis.blockComment?.[0] ? after(text, lexis.blockComment[1], at + token.length) : before(text, '\n', at);
      put(at, end, ' ');
      opening.lastIndex = end;
    }
  }
  return { text: pieces.join('') + text.slice(kept), strings };
}

const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

function openings({ lineComments, blockComment, quotes }: Lexis): RegExp {
  return new RegExp([...quotes, ...(blockComment === undefined ? [] : [blockComment[0]]), ...lineComments].map(escapeRegExp).join('|'), 'g');
}

const before = (text: string, sign: string, from: number): number => {
  const at = text.indexOf(sign, from);
  return at === -1 ? text.length : at;
};
const after = (text: string, sign: string, from: number): number => {
  const at = text.indexOf(sign, from);
  return at === -1 ? text.length : at + sign.length;
};

/** Where the content ends, and where the string ends. */
function endOfString(text: string, from: number, quote: string, { multiline }: Lexis): [to: number, end: number] {
  const lines = multiline.includes(quote);
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '\n' && !lines) return [at, at];
    else if (text.startsWith(quote, at)) return [at, at + quote.length];
  }
  return [text.length, text.length];
}
