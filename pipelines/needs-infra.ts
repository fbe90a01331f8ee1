// Stacks that are no program: Terraform's configurations, and images that a Dockerfile makes.
import { SAID } from '../analysis/manifests/said.ts';
import type { PipelineNeeds, Stack } from '../contract/pipeline.ts';
import { quotePath } from '../shell/quote.ts';
import { command, folderOf, nameOf, namesOf, stackOf, type Project } from './needs-project.ts';
import { fileIn, versionFile, versionOf } from './needs-version.ts';

const TERRAFORM = /\.tf$/;

/** A folder below another, and one of `modules`, is checked with what uses it. */
export function terraformStacks(project: Project): Stack[] {
  return project.outermost(TERRAFORM).filter((folder, _at, all) => !/(?:^|\/)modules\//.test(`${folder}/`) || all.every((each) => /(?:^|\/)modules\//.test(`${each}/`))).map((folder) => {
    const file = project.fileFact(folder, project.named(folder, TERRAFORM)[0] ?? 'main.tf');
    const asked = versionFile(project, folder, 'terraform') ?? versionOf(project.said(folder, TERRAFORM, SAID.version));
    const tests = project.named(folder, /\.tftest\.hcl$/);
    const whole = { ...file, name: nameOf(file.file), detail: 'a configuration of Terraform', kind: 'configuration' as const };
    return {
      ...stackOf('terraform', folder, [whole, asked?.evidence]), version: asked?.version ?? null, lockfile: fileIn(project, folder, '.terraform.lock.hcl'),
      dependencies: namesOf(project.said(folder, TERRAFORM, SAID.plugin)),
      steps: {
        install: command('terraform init -backend=false -input=false', whole), lint: command('terraform fmt -check -recursive', whole),
        test: command(tests.length === 0 ? 'terraform validate' : 'terraform validate\nterraform test', whole, ...tests.map((name) => project.fileFact(folder, name))), build: null,
      },
    };
  });
}

export const DOCKERFILE = /^(?:Dockerfile|Containerfile)$/;
const ANY_DOCKERFILE = /^(?:Dockerfile|Containerfile)(?:\.(?!dockerignore$|md$)[\w-]+)?$|\.[Dd]ockerfile$/;
/** Folders for Dockerfiles of what is around them: the image is built from the folder above. */
const FOR_DOCKER = /^(?:\.?docker|dockerfiles?|containers?|deploy(?:ment)?|build)$/;
/** What an editor works in is no product. */
const EDITORS = /(?:^|\/)\.devcontainer$/;

/** All Dockerfiles of a repository, whatever they are called. */
export const dockerfilesOf = (project: Project): string[] => project.folders(ANY_DOCKERFILE).flatMap((folder) => project.named(folder, ANY_DOCKERFILE).map((name) => (folder === '' ? name : `${folder}/${name}`)));

/** One image a folder: its Dockerfile, or the only one that it has. */
export function dockerStacks(project: Project): Stack[] {
  return project.folders(ANY_DOCKERFILE).filter((folder) => !EDITORS.test(folder)).flatMap((folder) => {
    const names = project.named(folder, ANY_DOCKERFILE);
    const context = FOR_DOCKER.test(nameOf(folder)) ? folderOf(folder) : folder;
    const name = names.find((each) => DOCKERFILE.test(each)) ?? (names.length === 1 ? names[0] : undefined);
    if (name === undefined) return [];
    const evidence = project.of(folder, name).filter(({ kind }) => kind === 'container');
    const file = context === folder ? name : `${nameOf(folder)}/${name}`;
    return [{ ...stackOf('docker', context, [project.fileFact(folder, name), ...evidence]), steps: { install: null, lint: null, test: null, build: command(`docker build --file ${quotePath(file)} --tag ${imageName(folder)} .`, ...evidence) } }];
  });
}

/** A tag that nobody pulls: the build shows that the image can be made. */
export const imageName = (folder: string): string => `${folder.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'app'}:ci`;

/** CI files that exist, and whose they are. */
export function ciOf(project: Project): PipelineNeeds['ci'] {
  return project.files.flatMap((path): PipelineNeeds['ci'] => {
    if (path === '.gitlab-ci.yml' || /^\.gitlab\/ci\/[^/]+\.ya?ml$/.test(path)) return [{ path, system: 'gitlab' }];
    if (/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)) return [{ path, system: 'github' }];
    const isOther = /^(?:Jenkinsfile|azure-pipelines\.ya?ml|bitbucket-pipelines\.ya?ml|\.travis\.yml|\.drone\.yml|\.woodpecker\.ya?ml|cloudbuild\.ya?ml|buildspec\.ya?ml)$/.test(nameOf(path)) || path === '.circleci/config.yml';
    return isOther ? [{ path, system: 'other' }] : [];
  });
}
