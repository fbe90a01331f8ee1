// A pipeline before it is written for one CI system.
import type { PipelineProblem } from '../contract/pipeline.ts';

export interface NeutralService {
  /** The host name by which it is reached. */
  name: string;
  image: string;
  variables: Record<string, string>;
}

export interface NeutralJob {
  name: string;
  stage: string;
  /** Jobs that must have passed. */
  needs: string[];
  /** Null: the job needs a Docker daemon, and its client. */
  image: string | null;
  entrypoint: boolean;
  variables: Record<string, string>;
  services: NeutralService[];
  /** Lines for a POSIX shell that starts in the folder of the checkout. */
  script: string[];
  /** Folders of the checkout that are kept; `lockfile` decides when they are made anew. */
  cache: { paths: string[]; key: string; lockfile: string | null } | null;
  /** Paths from the folder of the checkout. */
  artifacts: string[];
  /** It runs where something below this folder has changed; null: always. */
  folder: string | null;
}

export interface NeutralPipeline {
  stages: string[];
  jobs: NeutralJob[];
  /** Said at the head of the file. */
  comment: string;
}

/** A path that neither CI system reads as a pattern, a variable or an expression. */
export const isPlainPath = (path: string): boolean => /^[\w./ @+-]*$/.test(path) && !/(?:^|\/)-/.test(path);

export const warning = (check: PipelineProblem['check'], path: string, message: string): PipelineProblem => ({ check, severity: 'warning', path, line: null, message });
