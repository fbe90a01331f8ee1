// A file's text with its syntax in colours, line by line; highlighting gives a tree, so that its text is never HTML.
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { shown } from '../format.ts';

const lowlight = createLowlight({ dockerfile, yaml });

interface Piece {
  text: string;
  class: string;
}

export interface CodeViewProps {
  path: string;
  text: string;
  /** Lines that something is said of, from 1. */
  marked: ReadonlyMap<number, 'error' | 'warning'>;
}

export default function CodeView({ path, text, marked }: CodeViewProps): JSX.Element {
  const lines = useMemo(() => linesOf(path, text.replace(/\n$/, '')), [path, text]);
  return (
    <div class="code source scroll" role="region" aria-label={`Content of ${path}`} tabIndex={0}>
      <table>
        <tbody>{lines.map((pieces, i) => <tr key={i} class={marked.get(i + 1) ?? ''}><td class="ln">{i + 1}</td><td>{pieces.map(({ text, class: name }, j) => (name === '' ? text : <span key={j} class={name}>{text}</span>))}</td></tr>)}</tbody>
      </table>
    </div>
  );
}

/** YAML by its ending, a Dockerfile by its name; anything else has no colours. */
function languageOf(path: string): string | null {
  if (/\.ya?ml$/.test(path)) return 'yaml';
  return /(?:^|\/)Dockerfile(?:\.[^/]*)?$/.test(path) ? 'dockerfile' : null;
}

function linesOf(path: string, text: string): Piece[][] {
  const language = languageOf(path);
  const pieces = language === null ? [{ text, class: '' }] : lowlight.highlight(language, text).children.flatMap((node) => piecesOf(node as Node));
  const lines: Piece[][] = [[]];
  for (const piece of pieces) {
    const [first = '', ...rest] = piece.text.split('\n');
    lines.at(-1)?.push({ ...piece, text: shown(first) });
    for (const line of rest) lines.push([{ ...piece, text: shown(line) }]);
  }
  return lines;
}

/** A node of lowlight's tree, as far as it is shown. */
type Node = { type: 'text'; value: string } | { type: 'element'; properties: { className?: string[] }; children: Node[] };

/** The innermost class is the one that colours. */
function piecesOf(node: Node, outer = ''): Piece[] {
  if (node.type === 'text') return [{ text: node.value, class: outer }];
  return node.children.flatMap((child) => piecesOf(child, node.properties.className?.at(-1) ?? outer));
}
