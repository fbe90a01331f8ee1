// Pipelines that are right by GitLab's, GitHub's and Docker's documentation, and how tests validate them.
import { access, constants, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { PipelineProblem } from '../../contract/pipeline.ts';
import { validateProposal, type ValidationOptions } from '../../pipelines/validate/validate.ts';

export const GITLAB = `stages: [test, build, deploy]
default:
  image: node:22.11.0-alpine
variables:
  NODE_ENV: test
.cache:
  cache:
    key: {files: [package-lock.json]}
    paths: [.npm]
test:
  extends: .cache
  stage: test
  services:
    - name: postgres:16.4
      alias: db
  variables:
    POSTGRES_PASSWORD: postgres
  script:
    - npm ci
    - npm test
  artifacts:
    paths: [out]
build:
  stage: build
  image: docker:27.3.1
  needs: [test]
  script:
    - echo "$CI_REGISTRY_PASSWORD" | docker login -u "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY"
    - |
      if [ -n "$CI_COMMIT_TAG" ]; then
        docker build -t "$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG" .
      fi
      docker push "$CI_REGISTRY_IMAGE:$CI_COMMIT_SHORT_SHA"
deploy:
  stage: deploy
  image: alpine:3.20.3
  dependencies: [test]
  script: ['curl --fail --header "PRIVATE-TOKEN: $DEPLOY_TOKEN" "$CI_API_V4_URL/projects"']
  environment: {name: production, on_stop: stop}
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
stop:
  stage: deploy
  script: [!reference [test, script], ./stop.sh]
  environment: {name: production, action: stop}
  when: manual
`;

export const GITHUB = `name: ci
on:
  push: {branches: [main]}
  workflow_dispatch:
    inputs:
      level: {type: string, default: info}
permissions: {contents: read}
jobs:
  test:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        node: [20.18.0, 22.11.0]
    outputs:
      version: \${{ steps.version.outputs.value }}
    services:
      db:
        image: postgres:16.4
        env: {POSTGRES_PASSWORD: postgres}
    steps:
      - uses: actions/checkout@v4.2.2
      - uses: actions/setup-node@39370e3970a6d050c480ffad4ff0ed4d3fdee5af
        with: {node-version: "\${{ matrix.node }}"}
      - run: |
          npm ci
          npm test -- --level "\${{ inputs.level }}"
      - id: version
        run: echo "value=\${{ github.sha }}" >> "$GITHUB_OUTPUT"
      - uses: actions/upload-artifact@v4.4.3
        with: {name: out, path: out}
  publish:
    needs: [test]
    runs-on: ubuntu-24.04
    env:
      NODE_AUTH_TOKEN: \${{ secrets.NPM_TOKEN }}
    steps:
      - uses: actions/download-artifact@v4.1.8
        with: {name: out}
      - run: npm publish
      - run: echo "published \${{ needs.test.outputs.version }}"
`;

export const DOCKERFILE = `ARG NODE=22.11.0-alpine
FROM node:\${NODE} AS build
WORKDIR /app
COPY . .
RUN npm ci \\
    # what the page is made of
    && npm run build
FROM node:\${NODE}
COPY --from=build /app/dist /srv
USER node
CMD ["node", "/srv/main.js"]
`;

export const OPTIONS: ValidationOptions = { tools: { cache: process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), env: process.env }, knownHosts: ['https://known.example/path', 'files.example'] };

export const WORKFLOW = '.github/workflows/ci.yml';

/** A machine with bash and nothing else, in an empty folder: checks that need no program of others run, and fast. */
export async function bashAlone(folder: string): Promise<ValidationOptions['tools']> {
  for (const each of (process.env['PATH'] ?? '').split(delimiter)) {
    const bash = join(each, 'bash');
    if (!(await access(bash, constants.X_OK).then(() => true, () => false))) continue;
    await symlink(bash, join(folder, 'bash'));
    return { cache: folder, env: { PATH: folder } };
  }
  throw new Error('there is no bash on PATH');
}

/** The problems of files by path; the system is GitHub's where there is a workflow. */
export const validated = (files: Readonly<Record<string, string>>, options: Partial<ValidationOptions> = {}): Promise<PipelineProblem[]> =>
  validateProposal({ system: Object.hasOwn(files, '.gitlab-ci.yml') ? 'gitlab' : 'github', files: Object.entries(files).map(([path, content]) => ({ path, content, existing: null })) }, { ...OPTIONS, ...options });

/** `check severity line message`. */
export const lines = (problems: readonly PipelineProblem[]): string[] => problems.map(({ check, severity, line, message }) => `${check} ${severity} ${line} ${message}`);

/** A file with one piece changed, which must be there. */
export function changed(file: string, from: string, to: string): string {
  if (!file.includes(from)) throw new Error(`the file has no ${from}`);
  return file.replace(from, () => to);
}
