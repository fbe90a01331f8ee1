// Writes a neutral pipeline as .gitlab-ci.yml (docs.gitlab.com/ci/yaml).
import { Document } from 'yaml';
import type { DrawnJob } from '../contract/pipeline.ts';
import { isPlainPath, type NeutralJob, type NeutralPipeline } from './neutral.ts';

export interface WrittenPipeline {
  content: string;
  stages: string[];
  jobs: DrawnJob[];
}

/** A job with a Docker daemon: the client, and the daemon as a service; the runner has to be privileged. */
const DOCKER = { image: 'docker:28.3.3', services: [{ name: 'docker:28.3.3-dind', alias: 'docker' }], variables: { DOCKER_TLS_CERTDIR: '/certs' } };

/** A merge request has one pipeline, and so has a branch without one, and a tag. */
const WORKFLOW = { rules: [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }, { if: '$CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS', when: 'never' }, { if: '$CI_COMMIT_BRANCH' }, { if: '$CI_COMMIT_TAG' }] };

export function gitlabFile({ stages, jobs, comment }: NeutralPipeline): WrittenPipeline {
  const document = new Document({ stages, workflow: WORKFLOW, default: { interruptible: true, timeout: '1 hour' }, ...Object.fromEntries(jobs.map((job) => [job.name, gitlabJob(job)])) }, { aliasDuplicateObjects: false });
  document.commentBefore = comment;
  return { content: document.toString({ lineWidth: 0, flowCollectionPadding: false }), stages: [...stages], jobs: jobs.map(({ name, stage, needs, image, script }) => ({ name, stage, needs, image: image ?? DOCKER.image, script })) };
}

function gitlabJob(job: NeutralJob): Record<string, unknown> {
  const { image, services, variables } = job.image === null ? DOCKER : { image: job.entrypoint ? { name: job.image, entrypoint: [''] } : job.image, services: job.services.map(({ name, image: of }) => ({ name: of, alias: name })), variables: {} };
  const all = { ...job.variables, ...variables, ...Object.assign({}, ...job.services.map((service) => service.variables)) as Record<string, string> };
  return {
    stage: job.stage, image,
    ...(services.length === 0 ? {} : { services }),
    ...(Object.keys(all).length === 0 ? {} : { variables: all }),
    needs: job.needs,
    ...(job.folder !== null && isPlainPath(job.folder) ? { rules: [{ changes: [`${job.folder}/**/*`, '.gitlab-ci.yml'] }] } : {}),
    ...(job.cache === null ? {} : { cache: { key: job.cache.lockfile === null ? job.cache.key : { files: [job.cache.lockfile], prefix: job.cache.key }, paths: job.cache.paths } }),
    script: job.script,
    ...(job.artifacts.length === 0 ? {} : { artifacts: { paths: job.artifacts, expire_in: '1 week' } }),
  };
}
