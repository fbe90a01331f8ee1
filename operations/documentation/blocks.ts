// Takes a text in Markdown apart: blocks under the standard headings, and the sentences of a block.
import { FILE_LINK } from '../../contract/file-link.ts';
import { SECTIONS, type Section } from './sections.ts';

export interface Block {
  /** Null outside of the standard sections. */
  section: Section | null;
  bullet: boolean;
  text: string;
}

const LONGEST_TEXT = 200_000;

/** Paragraphs and bullets; `dropped` counts code blocks and rows of tables, which can hold no link. */
export function blocksOf(text: string): { blocks: Block[]; dropped: number } {
  const blocks: Block[] = [];
  let dropped = 0;
  let section: Section | null = null;
  let fence: string | null = null;
  let open = false;
  for (const line of text.slice(0, LONGEST_TEXT).split(/\r\n?|\n/)) {
    const fenced = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    const bullet = /^\s*(?:[-*+]|\d{1,3}[.)])\s+(.*)$/.exec(line)?.[1];
    const last = blocks.at(-1);
    if (fence !== null) fence = fenced !== undefined && fenced.startsWith(fence) ? null : fence;
    else if (fenced !== undefined) {
      fence = fenced;
      dropped += 1;
    } else if (heading !== undefined) section = SECTIONS.find((name) => name.toLowerCase() === heading.toLowerCase()) ?? (/^##?\s/.test(line) ? null : section);
    else if (bullet !== undefined) blocks.push({ section, bullet: true, text: bullet });
    else if (/^\s*\|/.test(line)) dropped += 1;
    else if (line.trim() !== '' && !/^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/.test(line)) {
      if (open && last !== undefined) last.text += ` ${line.trim()}`;
      else blocks.push({ section, bullet: false, text: line.replace(/^\s*>+\s?/, '').trim() });
    }
    open = fence === null && heading === undefined && line.trim() !== '' && fenced === undefined;
  }
  return { blocks, dropped };
}

const hidden = (text: string): string => '_'.repeat(text.length);

/** Sentences; a full stop in a code span or in a link ends none, and what is only a link belongs to the sentence before it. */
export function sentencesOf(block: string): string[] {
  const kept: string[] = [];
  const masked = block.replaceAll(/`[^`\n]*`/g, hidden).replaceAll(FILE_LINK, hidden);
  let from = 0;
  for (const { index, 0: end } of masked.matchAll(/[.!?]+["')\]*_]*\s+(?=\S)|$/g)) {
    const sentence = block.slice(from, index + end.length).trim();
    const words = sentence.replaceAll(/`[^`]*`/g, '').replaceAll(FILE_LINK, '').replaceAll(/[^\p{L}]/gu, '');
    const last = kept.length - 1;
    if (sentence !== '') {
      if (last >= 0 && words === '') kept[last] += ` ${sentence}`;
      else kept.push(sentence);
    }
    from = index + end.length;
  }
  return kept;
}
