// The name of an image, and whether it names one release.
import type { Severity } from './problem.ts';

/** Registries of the makers of languages and forges. Docker's own has no name in front. */
const REGISTRIES = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'ghcr.io', 'quay.io', 'gcr.io', 'mcr.microsoft.com', 'public.ecr.aws', 'registry.gitlab.com', 'registry.access.redhat.com', 'registry.k8s.io', 'docker.elastic.co', 'cgr.dev']);
/** Tags and parts of images that GitLab itself fills in, new for each pipeline. */
const FORGES = /\$\{?CI_(?:COMMIT_(?:SHA|SHORT_SHA|TAG|REF_SLUG)|PIPELINE_I?ID|REGISTRY_IMAGE|REGISTRY|DEPENDENCY_PROXY_\w+)\}?|\$\{\{\s*github\.(?:sha|ref_name|repository)\s*\}\}/g;

export interface ImageProblem {
  severity: Severity;
  message: string;
}

/**
 * Null for an image with a digest or a tag of a release (`3.12.7-slim`, `bookworm-20250407`, `24.04`). No tag, `latest` and
 * tags that are words are errors; a tag with a major version alone, and a name that cannot be known before the run, are warnings.
 */
export function imageProblem(image: string, knownHosts: ReadonlySet<string>): ImageProblem | null {
  const name = image.replaceAll(FORGES, (part) => (/REGISTRY|PROXY|repository/.test(part) ? 'forge' : '1.0.0'));
  if (/\$/.test(name)) return { severity: 'warning', message: `the image ${image} is known only when it runs: nothing here says its version` };
  const [before = '', digest] = name.split('@');
  const slash = before.indexOf('/');
  const host = slash === -1 ? '' : before.slice(0, slash);
  if (/[.:]/.test(host) && !REGISTRIES.has(host) && !knownHosts.has(host.toLowerCase()) && !host.startsWith('forge')) return { severity: 'error', message: `the image ${image} comes from ${host}, which neither a template nor the repository names` };
  if (digest !== undefined) return /^sha256:[0-9a-f]{64}$/.test(digest) ? null : { severity: 'error', message: `the image ${image} has a digest that is none: sha256 and 64 digits` };
  return tagProblem(image, /:([^/:]*)$/.exec(before)?.[1]);
}

function tagProblem(image: string, tag: string | undefined): ImageProblem | null {
  if (tag === undefined || tag === '') return { severity: 'error', message: `the image ${image} has no tag: name an exact version` };
  if (/^latest(?:$|-)|-latest$/.test(tag)) return { severity: 'error', message: `the image ${image} is a new one every time: name an exact version` };
  if (!/\d/.test(tag)) return { severity: 'error', message: `the image ${image} has a tag that moves: name an exact version` };
  return /\d+[._]\d+|\d{8}/.test(tag) ? null : { severity: 'warning', message: `the image ${image} moves with each release of that version: name an exact one` };
}
