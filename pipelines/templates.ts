// Templates of pipelines: neutral jobs of a stack, from which each CI system's file is written.
import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { STACKS } from '../contract/pipeline.ts';
import { PivoError } from '../contract/failures.ts';

export const STEPS = ['lint', 'test', 'build'] as const;
export const STAGES = ['check', 'test', 'build', 'package'] as const;

/** What a line of a template may ask for; a line whose value is not known is left out. */
const PLACEHOLDERS = ['managerVersion', 'image', 'runtime', 'setup', 'install', 'build', 'start', 'main', 'port'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

const Line = z.string().min(1).max(400).refine((line) => [...line.matchAll(/\{\{(\w+)\}\}/g)].every(([, name]) => PLACEHOLDERS.some((known) => known === name)), 'asks for a value that is not known to templates');

/** Images by version of the language; each tag is one exact version. */
const Images = z.strictObject({
  repository: z.string().regex(/^[a-z0-9./_-]+$/),
  /** The version that is taken where the repository asks for none. */
  default: z.string(),
  versions: z.record(z.string().regex(/^\d+(?:\.\d+)*$/), z.string().regex(/^[\w.-]*\d[\w.-]*$/)),
  /** Behind each tag. */
  suffix: z.string().default(''),
}).refine(({ default: version, versions }) => Object.hasOwn(versions, version), 'the default is none of its versions');
export type Images = z.infer<typeof Images>;

const RelativePath = z.string().regex(/^[\w.*-]+(?:\/[\w.*-]+)*\/?$/);

export const PipelineTemplate = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{1,40}$/),
  title: z.string().min(3).max(80),
  /** The stacks that it is for: kind, managers (all where none is named), and dependencies of which one must be there. */
  for: z.strictObject({ stack: z.enum(STACKS), managers: z.array(z.string()).optional(), anyOf: z.array(z.string()).optional(), /** A step that the repository must show. */ step: z.enum(STEPS).optional() }),
  /** By which it is found, besides its title. */
  words: z.array(z.string()).min(3),
  /** What the repository must have, for people. */
  needs: z.string().min(5),
  /** Null: the job runs where a Docker daemon is. */
  image: Images.nullable(),
  /** The image has an entry point that a job must not run. */
  entrypoint: z.boolean().default(false),
  /** What `{{managerVersion}}` is where the repository pins none. */
  managerVersion: z.string().regex(/^\d+(?:\.\d+)+$/).optional(),
  variables: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}),
  /** Variables with paths; `{{root}}` is the folder of the checkout. */
  exports: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string().regex(/^(?:[\w./=: -]|\{\{root\}\})+$/)).default({}),
  /** Lines before the repository's own, in the folder of the checkout. */
  setup: z.array(Line).default([]),
  /** Folders of the checkout that are kept between runs. */
  cache: z.array(RelativePath).default([]),
  jobs: z.array(z.strictObject({
    step: z.enum(STEPS),
    /** Where it is not the step's. */
    name: z.string().regex(/^[a-z]+$/).optional(),
    stage: z.enum(STAGES),
    /** Below the stack's folder. */
    artifacts: z.array(RelativePath).default([]),
  })).min(1),
  /** For a stack that makes a service and has no Dockerfile. */
  dockerfile: z.strictObject({
    runtime: Images.optional(),
    /** The port that it listens on where the repository names none. */
    port: z.number().int().positive(),
    lines: z.array(Line).min(3),
    ignore: z.array(z.string()).default([]),
  }).optional(),
});
export type PipelineTemplate = z.infer<typeof PipelineTemplate>;

const ServiceTemplate = z.strictObject({ image: Images, variables: z.record(z.string(), z.string()).default({}) });
export type ServiceTemplate = z.infer<typeof ServiceTemplate>;

/** Everything that pipelines are made of. */
export interface Templates {
  pipelines: readonly PipelineTemplate[];
  /** By the last part of an image's name. */
  services: Readonly<Record<string, ServiceTemplate>>;
}

const FOLDER = new URL('../templates/pipelines/', import.meta.url);

let loaded: Promise<Templates> | undefined;

/** All templates, pipelines in the order of their names; read once. Fails with Internal for one that is not as it must be. */
export function loadTemplates(): Promise<Templates> {
  loaded ??= readTemplates();
  return loaded;
}

async function readTemplates(): Promise<Templates> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.yaml')).sort();
  const pipelines = await Promise.all(names.map(async (name) => templateOf(name, await readFile(new URL(name, FOLDER), 'utf8'))));
  return { pipelines, services: z.record(z.string(), ServiceTemplate).parse(parse(await readFile(new URL('../services.yaml', FOLDER), 'utf8'))) };
}

/** A template of a file's text; the file is called as the template is. Fails with Internal. */
export function templateOf(file: string, text: string): PipelineTemplate {
  const parsed = PipelineTemplate.safeParse(parse(text));
  if (!parsed.success) throw new PivoError('Internal', `template ${file} is not as a template must be: ${z.prettifyError(parsed.error)}`);
  if (`${parsed.data.name}.yaml` !== file) throw new PivoError('Internal', `template ${file} calls itself ${parsed.data.name}`);
  return parsed.data;
}

/** The steps that it has jobs for. */
export const providedBy = ({ jobs, dockerfile }: PipelineTemplate): string[] => [...jobs.map(({ step, name }) => name ?? step), ...(dockerfile === undefined ? [] : ['Dockerfile'])];
