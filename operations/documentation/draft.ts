// Drafts a document from facts alone: the same facts give the same bytes.
import type { Analysis } from '../../contract/analysis.ts';
import { fileLink } from '../../contract/file-link.ts';
import { code, plain } from './markdown.ts';
import { openQuestions } from './questions.ts';
import type { Quotation } from './readme.ts';
import { runCommands } from './run-commands.ts';
import { claimsOf, isAside, SECTIONS, type Claim, type Section } from './sections.ts';

export interface Subject {
  repository: string;
  commit: string;
  /** File or folder; empty for everything. */
  path: string;
}

/** Claims that a section shows. */
const MOST_CLAIMS = 80;

type Place = { file: string; line: number | null };

/** Sections by their names, without headings; an empty one says so. */
export function draftSections(subject: Subject, analysis: Analysis, readme: Quotation | null): Map<Section, string> {
  const withAside = isAside(`${subject.path}/`) || isAside(subject.path);
  const links = (places: readonly Place[]): string => places.map(({ file, line }) => code(fileLink({ ...subject, path: file, line }))).join(', ');
  const claims = claimsOf(analysis.facts, withAside);
  const bullets = (section: Section): string[] => shown((claims.get(section) ?? []).map((claim) => claimText(claim, links)));
  const sections = new Map<Section, string[]>(SECTIONS.map((section) => [section, bullets(section)]));
  if (readme !== null) sections.get('Overview')?.unshift(`The README says, quoted and not checked (${links([readme])}):\n\n> ${plain(readme.text)}\n`);
  sections.set('How to run', shown(runCommands(analysis.facts, withAside).map(({ command, what, ...place }) => `- ${code(command)} ${plain(what)} (${links([place])})`)));
  sections.set('Open questions', openQuestions(analysis, withAside).map(({ text, places }) => `- ${plain(text)}${places.length === 0 ? '' : ` (${links(places)})`}`));
  return new Map([...sections].map(([section, lines]) => [section, lines.length === 0 ? 'Nothing of this was found in the files.' : lines.join('\n')]));
}

function claimText({ name, detail, places, count }: Claim, links: (places: readonly Place[]) => string): string {
  const more = count > places.length ? ` and ${count - places.length} more places` : '';
  const shown = name === '__main__' || name.startsWith('#!') ? (places[0]?.file ?? name) : name;
  return `- ${code(shown)}: ${plain(detail)} (${links(places)}${more})`;
}

function shown(lines: readonly string[]): string[] {
  return lines.length <= MOST_CLAIMS ? [...lines] : [...lines.slice(0, MOST_CLAIMS), `- … and ${lines.length - MOST_CLAIMS} more; the facts in JSON have all.`];
}

const RUN_NOTE = 'PIVO composed these commands from the files; it ran none of them.\n\n';

/** The whole document. `told` ends it: who wrote it, and what was left out. */
export function documentOf({ repository, commit, path }: Subject, sections: ReadonlyMap<Section, string>, told: string): string {
  const title = `# ${plain(repository)}${path === '' ? '' : `: ${code(path)}`}\n\nAs of commit ${code(commit)}.`;
  const parts = SECTIONS.map((section) => `## ${section}\n\n${section === 'How to run' && sections.get(section)?.startsWith('- ') === true ? RUN_NOTE : ''}${sections.get(section) ?? ''}`);
  return `${[title, ...parts, '---', told].join('\n\n')}\n`;
}
