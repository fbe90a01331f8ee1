// From the files of a commit to a proposal: analysis, needs, assembly, validation, and a model's adaptation where one is configured.
import { analyse, type ListedFile } from '../analysis/analyse.ts';
import { PivoError } from '../contract/failures.ts';
import type { CiSystem, PipelineNeeds, PipelineProblem, PipelineProposal } from '../contract/pipeline.ts';
import type { AnalysisFinding } from '../contract/analysis.ts';
import type { TextWriter } from '../contract/writer.ts';
import { adapt } from './adapt.ts';
import { assemble, CI_FILE, pathsThatMatter } from './assemble.ts';
import { needsOf } from './needs.ts';
import { loadTemplates, type Templates } from './templates.ts';
import { hostsIn } from './validate/hosts.ts';
import { problem } from './validate/problem.ts';
import { validateProposal, type ValidationOptions } from './validate/validate.ts';

export interface ProposalOrder {
  repository: string;
  commit: string;
  /** All files of the commit, and how one is read: null where its bytes are not to be had. */
  files: readonly ListedFile[];
  /** Paths of what is there and is no file: links, submodules. */
  others: readonly string[];
  read(file: ListedFile): Promise<Buffer | null>;
  findings: readonly AnalysisFinding[];
  system: CiSystem;
  wish?: string | undefined;
  /** Branch of HEAD. */
  defaultBranch?: string | undefined;
}

export interface ProposalTools {
  tools: ValidationOptions['tools'];
  forgeLint?: ValidationOptions['forgeLint'];
  /** Names of the variables that the forge keeps secret. */
  secretVariables?: readonly string[];
  /** Adapts what was assembled; none: it is taken as it is. */
  writer?: TextWriter | undefined;
  signal: AbortSignal;
  onPhase(phase: string): void;
}

/**
 * What a person is shown: its problems are what could not be told of the repository, and what the checks found. Fails with NotFound where
 * nothing is recognised, with InvalidInput where the CI file that would be replaced is no text, and with the reason of the signal.
 */
export async function propose(order: ProposalOrder, { tools, forgeLint, secretVariables = [], writer, signal, onPhase }: ProposalTools): Promise<PipelineProposal> {
  onPhase('analysing');
  const needs = await needsOfCommit(order, signal);
  const templates = await loadTemplates();
  const existing = await contentsOf(order, pathsThatMatter(needs, order.system));
  onPhase('generating');
  const assembled = assemble({ needs, system: order.system, templates, existing, ...(order.wish === undefined ? {} : { wish: order.wish }), ...(order.defaultBranch === undefined ? {} : { defaultBranch: order.defaultBranch }) });
  const knownHosts = hostsOf(needs, templates, existing);
  const known = [...needs.findings.map((finding) => problem('references', 'warning', { path: CI_FILE[order.system], line: null }, finding)), ...assembled.problems]; // they hold for what a model makes of it as well
  const check = async (proposal: PipelineProposal): Promise<PipelineProblem[]> => {
    onPhase('validating');
    return [...known, ...(await validateProposal(proposal, { tools, knownHosts, secretVariables, forgeLint, signal }))];
  };
  const checked: PipelineProposal = { ...assembled, problems: await check(assembled) };
  if (writer === undefined) return checked;
  onPhase('adapting');
  return adapt(checked, { needs, wish: order.wish, writer, check, signal });
}

async function needsOfCommit({ repository, commit, files, read, findings }: ProposalOrder, signal: AbortSignal): Promise<PipelineNeeds> {
  const found = await analyse(files, read, { signal });
  return needsOf({ repository, commit, paths: files.map(({ path }) => path), analysis: { ...found, findings: [...findings, ...found.findings] } });
}

/** Larger than any file of a pipeline. */
const LARGEST = 512 * 1024;

/** The CI file is replaced, and must be shown; of the others, which are not, it is enough that they are there. */
async function contentsOf({ files, others, read, system }: ProposalOrder, paths: readonly string[]): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const path of paths) {
    const file = byPath.get(path);
    if (file === undefined && !others.includes(path)) continue;
    const bytes = file === undefined || file.bytes > LARGEST ? null : await read(file);
    contents.set(path, path === CI_FILE[system] ? textOf(path, bytes) : (bytes?.toString('utf8') ?? ''));
  }
  return contents;
}

function textOf(path: string, bytes: Uint8Array | null): string {
  try {
    if (bytes !== null) return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw unreadable(path);
}

const unreadable = (path: string, cause?: unknown): PivoError => new PivoError('InvalidInput', `${path} is there already and is no plain file of text in UTF-8 of at most ${LARGEST / 1024} KiB`, { hint: 'Only such a file can be shown and replaced: move it away first.', cause });

/** Hosts that the templates and the repository's own steps and CI files name. What a README says counts for nothing. */
function hostsOf({ stacks }: PipelineNeeds, { pipelines }: Templates, existing: ReadonlyMap<string, string>): string[] {
  const steps = stacks.flatMap(({ steps, start }) => [...Object.values(steps), start].flatMap((each) => each?.run ?? []));
  const lines = pipelines.flatMap(({ setup, variables, exports, dockerfile }) => [...setup, ...Object.values(variables), ...Object.values(exports), ...(dockerfile?.lines ?? [])]);
  return [...new Set([...steps, ...lines, ...existing.values()].flatMap(hostsIn))];
}
