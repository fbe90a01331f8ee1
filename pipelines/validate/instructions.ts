// The instructions of a Dockerfile with their lines: continued lines, comments between them and here-documents (docs.docker.com/reference/dockerfile).
export interface Instruction {
  /** In capitals. */
  name: string;
  /** Without its options (`--mount=…`), lines joined by a space. */
  args: string;
  options: readonly string[];
  line: number;
  /** What a shell gets of it, line by line. */
  lines: readonly { text: string; line: number }[];
}

/** Reads all instructions; what is none is left to hadolint. */
export function instructionsOf(content: string): Instruction[] {
  const all = content.split(/\r?\n/);
  const found: Instruction[] = [];
  for (let at = 0; at < all.length; ) {
    const [, name = '', rest = ''] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(all[at] ?? '') ?? [];
    if (name === '') {
      at += 1;
      continue;
    }
    const line = at + 1;
    const lines = [{ text: rest, line }];
    while ((lines.at(-1)?.text ?? '').endsWith('\\') || (lines.length > 1 && /^\s*#/.test(lines.at(-1)?.text ?? '') && at + 1 < all.length)) {
      at += 1;
      if (at >= all.length) break;
      lines.push({ text: all[at] ?? '', line: at + 1 });
    }
    at = hereDocuments(all, at + 1, lines);
    found.push(instruction(name, line, lines));
  }
  return found;
}

/** Adds the texts of `<<EOF` that the lines begin; gives the line after them. */
function hereDocuments(all: readonly string[], from: number, lines: { text: string; line: number }[]): number {
  let at = from;
  const ends = lines.flatMap(({ text }) => [...text.matchAll(/<<-?\s*["']?([A-Za-z_]\w*)["']?/g)].map(([, end]) => end));
  for (const end of ends) {
    while (at < all.length) {
      lines.push({ text: all[at] ?? '', line: at + 1 });
      at += 1;
      if ((all[at - 1] ?? '').trim() === end) break;
    }
  }
  return at;
}

function instruction(name: string, line: number, lines: { text: string; line: number }[]): Instruction {
  const kept = lines.map(({ text, line }, index) => ({ text: index > 0 && /^\s*#/.test(text) && lines[index - 1]?.text.endsWith('\\') === true ? '\\' : text, line }));
  const [first, ...others] = kept;
  const options = [...(first?.text ?? '').matchAll(/(?:^|\s)(--[a-z]+=\S+)/g)].map(([, option = '']) => option);
  const shell = [{ text: (first?.text ?? '').replace(/^(?:\s*--[a-z]+(?:=\S+)?)+\s*/, ''), line }, ...others];
  return { name: name.toUpperCase(), args: shell.map(({ text }) => text.replace(/\\$/, '')).join(' ').trim(), options, line, lines: shell };
}
