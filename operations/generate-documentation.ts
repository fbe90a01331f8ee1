// Operation `generate-documentation`: what a repository's files say about how it runs, each claim with its line.
import { z } from 'zod';
import { analyse, ANALYSIS_LIMITS } from '../analysis/analyse.ts';
import { commitOf, findPoint } from '../archive/reading/points.ts';
import type { RepositoryReader } from '../archive/reading/reader.ts';
import { normalPath } from '../archive/reading/tree.ts';
import type { Analysis, Fact } from '../contract/analysis.ts';
import { isPivoError } from '../contract/failures.ts';
import type { TextWriter } from '../contract/writer.ts';
import { redact } from '../logs/redact.ts';
import { findDocument, keepDocument } from '../state/documents.ts';
import type { People } from '../vault/people.ts';
import type { Dropped } from './documentation/check.ts';
import { documentOf, draftSections, type Subject } from './documentation/draft.ts';
import { filesOf, type CommitFiles } from '../archive/reading/commit-files.ts';
import { quotationOf, readmeOf, type Quotation } from './documentation/readme.ts';
import { writeSections } from './documentation/write.ts';
import { defineOperation, isMachine, type OperationContext } from './operation.ts';
import { AtPoint, PathText } from './point.ts';
import { peopleOf } from './vault-door.ts';

/** Version of the rules: a document of an older one is made anew. */
const GENERATOR = 1;

export interface Documentation extends Subject, Analysis {
  /** Markdown. */
  content: string;
  /** `pivo`, or the provider and model. */
  writtenBy: string;
  /** What a model wrote and PIVO left out. */
  dropped: Dropped;
  generator: number;
  /** When it was made, ISO 8601 UTC. */
  time: string;
  /** It was made by an earlier call. */
  stored: boolean;
}

export const generateDocumentation = defineOperation({
  name: 'generate-documentation',
  description: 'Documents a repository, a folder or a file as of a point: entry points, inputs, outputs, schedules, configuration, dependencies, how to run it, tests; each claim with a link to its line.',
  kind: 'reads',
  input: AtPoint.extend({
    /** A file or folder; everything when it is not given. */
    path: PathText.default(''),
    /** Makes it anew where there is one already. */
    fresh: z.boolean().default(false),
  }),
  async run(context, { repository, point, path, fresh }, { signal }): Promise<Documentation> {
    const reader = await context.library.reader(repository);
    const subject: Subject = { repository, commit: commitOf(await findPoint(reader, point), repository), path: normalPath(path) };
    const writer = isMachine(context.caller) ? undefined : context.writer;
    const kept = fresh ? undefined : keptDocument(context, subject, writer);
    if (kept !== undefined) return kept;
    const people = await peopleOf(context);
    const told = await make(reader, subject, people === undefined ? writer : hidingWriter(writer, people), signal);
    const made = people?.texts(told) ?? told;
    keep(context, made);
    return made;
  },
});

/** Tells the model no address. */
const hidingWriter = (writer: TextWriter | undefined, people: People): TextWriter | undefined => (writer === undefined ? undefined : { name: writer.name, write: (task, signal) => writer.write({ ...task, facts: people.texts(task.facts) }, signal) });

/** What a document is, beside what it is kept by. */
type Result = Omit<Documentation, keyof Subject | 'content' | 'writtenBy' | 'generator' | 'time' | 'stored'>;

function keptDocument({ paths }: OperationContext, subject: Subject, writer: TextWriter | undefined): Documentation | undefined {
  const found = findDocument(paths.state, { ...subject, generator: GENERATOR, writtenBy: writer?.name ?? 'pivo' });
  if (found === undefined) return undefined;
  const { result, ...document } = found;
  return { ...document, ...(JSON.parse(result) as Result), stored: true };
}

/** A document that cannot be kept is an answer all the same. */
function keep({ paths, log }: OperationContext, { repository, commit, path, generator, writtenBy, time, content, stored: _stored, ...result }: Documentation): void {
  try {
    keepDocument(paths.state, { repository, commit, path, generator, writtenBy, time, content, result: JSON.stringify(result satisfies Result) });
  } catch (error) {
    if (!isPivoError(error, 'Unavailable')) throw error;
    log.warn({ repository, error }, 'a document could not be kept');
  }
}

async function make(reader: RepositoryReader, subject: Subject, writer: TextWriter | undefined, signal: AbortSignal): Promise<Documentation> {
  const files = await filesOf(reader, subject.commit, subject.path, signal);
  const found = await analyse(files.files, files.read, { signal });
  const analysis: Analysis = { ...found, facts: withoutSecrets(found.facts), findings: [...files.findings, ...found.findings] };
  const readme = await quotation(files, subject.path);
  const drafted = draftSections(subject, analysis, readme);
  const asked = writer === undefined ? undefined : await writeSections(writer, subject, analysis, readme, signal);
  const written = asked === undefined || 'reason' in asked ? undefined : asked;
  const reason = asked === undefined || !('reason' in asked) ? '' : ` ${asked.reason}.`;
  const sections = written === undefined ? drafted : new Map([...drafted].map(([section, text]) => [section, written.sections.get(section) ?? text]));
  const [by, dropped] = [written?.writtenBy ?? 'pivo', written?.dropped ?? { claims: 0, links: 0 }];
  return { ...subject, ...analysis, content: redact(documentOf(subject, sections, toldOf(by, analysis, dropped) + reason)), writtenBy: by, dropped, generator: GENERATOR, time: new Date().toISOString(), stored: false };
}

/** A fact whose own words hold a secret is none; in details it is hidden. */
const withoutSecrets = (facts: readonly Fact[]): Fact[] => facts.filter(({ name }) => redact(name) === name).map((fact) => ({ ...fact, detail: redact(fact.detail) }));

async function quotation({ files, read }: CommitFiles, folder: string): Promise<Quotation | null> {
  const file = readmeOf(files, folder);
  if (file === undefined || file.bytes > ANALYSIS_LIMITS.fileBytes) return null;
  const content = await read(file);
  const quoted = content === null ? null : quotationOf(file.path, content);
  return quoted === null ? null : { ...quoted, text: redact(quoted.text) };
}

function toldOf(by: string, { facts, read, listed }: Analysis, { claims, links }: Dropped): string {
  const base = `Facts: ${facts.length}, from ${read} of ${listed} files.`;
  return by === 'pivo' ? `Drafted by PIVO. ${base}` : `Written by ${by} around PIVO's facts. ${base} Left out of its text: ${claims} sentences that no fact proves, ${links} links that lead to none.`;
}
