// Checks a text that a model wrote against the facts: what has no link to them, or names what is not in them, is left out.
import type { Fact } from '../../contract/analysis.ts';
import { FILE_LINK, parseFileLink } from '../../contract/file-link.ts';
import { blocksOf, sentencesOf } from './blocks.ts';
import type { Subject } from './draft.ts';
import type { Quotation } from './readme.ts';
import type { Section } from './sections.ts';

export interface Dropped {
  /** Sentences without a link to a fact, or with names that no fact has. */
  claims: number;
  /** Links to files or lines that no fact is in, and to places outside of the repository. */
  links: number;
}

export interface CheckedText {
  /** What is left, by section; a section of which nothing is left is missing. */
  sections: Map<Section, string>;
  dropped: Dropped;
}

interface Evidence {
  subject: Subject;
  /** `file` and `file\0line` of all facts. */
  places: ReadonlySet<string>;
  /** All words of the facts, in lower case. */
  words: string;
}

/** Sentences outside of the standard sections are left out; `Open questions` are PIVO's own, since what is missing has no line. */
export function checkText(text: string, subject: Subject, facts: readonly Fact[], readme: Quotation | null): CheckedText {
  const evidence = evidenceOf(subject, facts, readme);
  const { blocks, dropped: claims } = blocksOf(text);
  const dropped: Dropped = { claims, links: 0 };
  const kept = new Map<Section, string[]>();
  for (const { section, bullet, text: block } of blocks) {
    const told = sentencesOf(block);
    if (section === null || section === 'Open questions') dropped.claims += told.length;
    else {
      const sentences = told.flatMap((sentence) => checked(sentence, evidence, dropped));
      if (sentences.length > 0) kept.set(section, [...(kept.get(section) ?? []), `${bullet ? '- ' : ''}${sentences.join(' ')}`]);
    }
  }
  return { sections: new Map([...kept].map(([section, parts]) => [section, joined(parts)])), dropped };
}

function evidenceOf(subject: Subject, facts: readonly Fact[], readme: Quotation | null): Evidence {
  const all = [...facts, ...(readme === null ? [] : [{ file: readme.file, line: readme.line, name: readme.text, detail: '' }])];
  return {
    subject,
    places: new Set(all.flatMap(({ file, line }) => (line === null ? [file] : [file, `${file}\0${line}`]))),
    words: [subject.repository, subject.commit, subject.path, ...all.map(({ name, detail, file }) => `${name} ${detail} ${file}`)].join(' ').toLowerCase().replaceAll(/\s+/g, ' '),
  };
}

const joined = (blocks: readonly string[]): string => blocks.map((block, at) => (at === 0 ? '' : block.startsWith('- ') && blocks[at - 1]?.startsWith('- ') === true ? '\n' : '\n\n') + block).join('');

/** The sentence as it may be told; none where it may not be. */
function checked(sentence: string, evidence: Evidence, dropped: Dropped): string[] {
  const without = withoutForeignMarkup(sentence, evidence, dropped);
  let valid = 0;
  const linked = without.replaceAll(new RegExp(`\`?${FILE_LINK.source}\`?`, 'g'), (found) => {
    const link = validLink(found.replaceAll('`', ''), evidence);
    if (link === null) dropped.links += 1;
    else valid += 1;
    return link === null ? '' : `\`${link}\``;
  });
  if (valid === 0 || !namesOnlyFacts(linked, evidence)) {
    dropped.claims += 1;
    return [];
  }
  return [linked.replaceAll(/\(\s*(?:,\s*)*\)/g, '').replaceAll(/\s+([.,;)])/g, '$1').replaceAll(/\s{2,}/g, ' ').trim()];
}

/** Images and HTML go; of a link that leads elsewhere its text stays. */
function withoutForeignMarkup(sentence: string, { subject }: Evidence, dropped: Dropped): string {
  return sentence
    // eslint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ')
    .replaceAll(/!\[([^\]]{0,500})\]\([^)]{0,2000}\)/g, () => {
      dropped.links += 1;
      return '';
    })
    .replaceAll(/\[([^\]]{0,500})\]\(\s*<?([^)\s>]{0,2000})>?[^)]{0,200}\)/g, (_, text: string, target: string) => {
      if (parseFileLink(target)?.repository === subject.repository) return `${text} (\`${target}\`)`;
      dropped.links += 1;
      return text;
    })
    .replaceAll(/<\/?[A-Za-z!][^>]{0,2000}>/g, ' ');
}

/** The link, where a fact is there; a full stop after it is none of it. */
function validLink(text: string, { subject, places }: Evidence): string | null {
  for (const candidate of [text, text.replace(/[.,;:!?]+$/, '')]) {
    const link = parseFileLink(candidate);
    if (link === null || link.repository !== subject.repository || !subject.commit.startsWith(link.commit)) continue;
    if (places.has(link.line === null ? link.path : `${link.path}\0${link.line}`)) return candidate;
  }
  return null;
}

/** Words that name things: code spans, words with digits in them, addresses, options, identifiers with an underscore. */
const NAMES = /`([^`]{1,500})`|((?<![\w/.-])(?=[\w.-]*[A-Za-z])(?=[\w.-]*\d)[\w.-]+)|((?:https?|s3a?|gs|hdfs|file|jdbc|kafka):\S+)|((?<![\w-])--[a-z][\w-]+)|(?<![\w/.])(\w+(?:[._/-]\w+)*_\w+(?:[._/-]\w+)*)/g;

function namesOnlyFacts(sentence: string, { words }: Evidence): boolean {
  const rest = sentence.replaceAll(new RegExp(`\`${FILE_LINK.source}\``, 'g'), '');
  return [...rest.matchAll(NAMES)].every(([, ...names]) => words.includes((names.find((name) => name !== undefined) ?? '').toLowerCase().replaceAll(/\s+/g, ' ').replace(/[.,;:)]+$/, '').trim()));
}
