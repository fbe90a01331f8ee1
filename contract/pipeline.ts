// The words of pipelines: what a repository needs, the files that are proposed for it, and what became of them.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Fact } from './analysis.ts';
import { canonicalJson } from './plan.ts';
import { RepositoryName } from './names.ts';

export const STACKS = ['node', 'python', 'java-maven', 'java-gradle', 'go', 'rust', 'dotnet', 'php', 'ruby', 'cpp', 'static-site', 'spark', 'terraform', 'docker'] as const;
export type StackKind = (typeof STACKS)[number];

/** One step of a job, as a shell runs it in the stack's folder: a command, or several, one a line. */
export interface StackCommand {
  run: string;
  /** What shows that it works there: a script of package.json, a target, a test folder. */
  evidence: Fact[];
}

/** One part of a repository that is built by one tool. */
export interface Stack {
  kind: StackKind;
  /** Folder from the root; '' for the root. */
  folder: string;
  /** What the repository calls it. */
  name: string;
  /** The version of the language that it asks for: `20`, `3.11`, or `>=18` where any later one will do; null where it asks for none. */
  version: string | null;
  /** npm, pnpm, yarn, pip, poetry, uv, maven, …; null where the stack has one only. */
  manager: string | null;
  /** The exact version of it, where the repository pins one. */
  managerVersion: string | null;
  lockfile: string | null;
  /** In this order in the pipeline; a step that the repository does not show is null. */
  steps: { install: StackCommand | null; lint: StackCommand | null; test: StackCommand | null; build: StackCommand | null };
  /** How the service that it makes is started, for an image; null where it makes none, or does not say. */
  start: StackCommand | null;
  /** Services that its tests need: the name by which they are reached, an image, and where it says so. */
  services: { name: string; image: string; evidence: Fact[] }[];
  /** Names of what it depends on. */
  dependencies: string[];
  ports: number[];
  evidence: Fact[];
}

/** What a pipeline for a repository has to know. The same files give the same answer. */
export interface PipelineNeeds {
  repository: string;
  /** The commit that was read. */
  commit: string;
  stacks: Stack[];
  /** Dockerfiles, and CI files that exist: their paths. */
  dockerfiles: string[];
  ci: { path: string; system: 'gitlab' | 'github' | 'other' }[];
  /** Said aloud: what could not be told, and why. */
  findings: string[];
}

export const CiSystem = z.enum(['gitlab', 'github']);
export type CiSystem = z.infer<typeof CiSystem>;

/** A file that a pipeline consists of. */
export const ProposedFile = z.strictObject({
  /** From the repository's root. */
  path: z.string().min(1).max(500),
  content: z.string().max(512 * 1024),
  /** What is there now; null when nothing is. */
  existing: z.string().nullable(),
});
export type ProposedFile = z.infer<typeof ProposedFile>;

/** A job as it is drawn. */
export const DrawnJob = z.strictObject({ name: z.string(), stage: z.string(), needs: z.array(z.string()), image: z.string().nullable(), script: z.array(z.string()) });
export type DrawnJob = z.infer<typeof DrawnJob>;

/** What a check has against a file. `error`: the pipeline would not run, or does what it must not; `warning`: a person should look. */
export const PipelineProblem = z.strictObject({
  check: z.enum(['schema', 'references', 'images', 'dockerfile', 'secrets', 'shell', 'forge']),
  severity: z.enum(['error', 'warning']),
  path: z.string(),
  line: z.number().int().positive().nullable(),
  message: z.string(),
});
export type PipelineProblem = z.infer<typeof PipelineProblem>;

/** What a person sees and approves: the exact files. */
export const PipelineProposal = z.strictObject({
  repository: RepositoryName,
  commit: z.string(),
  system: CiSystem,
  files: z.array(ProposedFile).min(1).max(20),
  stages: z.array(z.string()),
  jobs: z.array(DrawnJob),
  /** Templates that it was made of, by name. */
  templates: z.array(z.string()),
  problems: z.array(PipelineProblem),
  /** `pivo`, or the provider and model. */
  writtenBy: z.string(),
});
export type PipelineProposal = z.infer<typeof PipelineProposal>;

/** SHA-256 of what an approval is for: the files as they will be committed, and what they replace. */
export const proposalHash = ({ repository, commit, system, files }: PipelineProposal): string => createHash('sha256').update(canonicalJson({ repository, commit, system, files })).digest('hex');

/** `generated`: waits for a person; `approved`: being committed; `committed`: on its branch, being watched; `watched`: its run has ended. */
export const PipelineStatus = z.enum(['generated', 'approved', 'committed', 'watched', 'rejected', 'expired', 'failed']);
export type PipelineStatus = z.infer<typeof PipelineStatus>;

/** A job of a forge's run. */
export const JobState = z.enum(['waiting', 'running', 'passed', 'failed', 'cancelled', 'skipped']);
export type JobState = z.infer<typeof JobState>;
export interface WatchedJob {
  id: string;
  name: string;
  stage: string;
  state: JobState;
  /** Seconds that it has run; null before it began. */
  seconds: number | null;
  url: string | null;
}

/** A run of a pipeline on a forge. */
export interface WatchedPipeline {
  id: string;
  url: string | null;
  commit: string;
  state: JobState;
  jobs: WatchedJob[];
}
