// The templates: enough of them, each as a template must be, with exact images and no secret.
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { STACKS } from '../../contract/pipeline.ts';
import { isPivoError } from '../../contract/failures.ts';
import { loadTemplates, templateOf, type Images } from '../../pipelines/templates.ts';

const { pipelines, services } = await loadTemplates();

/** Tags of images as they are written into files. */
const tags = ({ repository, versions, suffix }: Images): string[] => Object.values(versions).map((tag) => `${repository}:${tag}${suffix}`);
const imagesOf = (): string[] => [...pipelines.flatMap(({ image, dockerfile }) => [image, dockerfile?.runtime ?? null]), ...Object.values(services).map(({ image }) => image)].flatMap((images) => (images === null ? [] : tags(images)));

it('are at least twenty-five, and every file is one', async () => {
  const files = await readdir(new URL('../../templates/pipelines/', import.meta.url));
  expect(pipelines.map(({ name }) => `${name}.yaml`)).toEqual(files.sort());
  expect(pipelines.length).toBeGreaterThanOrEqual(25);
});

it('cover every stack', () => {
  expect(STACKS.filter((stack) => !pipelines.some((template) => template.for.stack === stack))).toEqual([]);
});

it('cover the managers of Node and Python', () => {
  const managers = (stack: string): string[] => [...new Set(pipelines.filter((template) => template.for.stack === stack).flatMap((template) => template.for.managers ?? []))].sort();
  expect(managers('node')).toEqual(['bun', 'npm', 'pnpm', 'yarn', 'yarn-berry']);
  expect(managers('python')).toEqual(['pip', 'pipenv', 'poetry', 'uv']);
});

it('name images by exact version tags', () => {
  expect(imagesOf().length).toBeGreaterThan(60);
  expect(imagesOf().filter((image) => !/:[\w.-]*\d+\.\d+[\w.-]*$|:bookworm-\d{8}-slim$|:\d+u\d+-b\d+-jre$/.test(image) || image.includes('latest'))).toEqual([]);
});

describe.each(pipelines)('$name', (template) => {
  it('asks for no secret, and prints none', () => {
    expect(JSON.stringify(template)).not.toMatch(/token|password|secret|api_?key/i);
  });

  it('has an image that runs as another user than root, in several stages, where it has one', () => {
    if (template.dockerfile === undefined) return;
    const { lines } = template.dockerfile;
    expect(lines.filter((line) => line.startsWith('FROM '))).toHaveLength(2);
    const users = lines.filter((line) => line.startsWith('USER ')).map((line) => line.slice('USER '.length));
    expect(users).toHaveLength(1);
    expect(['root', '0']).not.toContain(users[0]);
    expect(lines.lastIndexOf(`USER ${users[0]}`)).toBeGreaterThan(lines.findLastIndex((line) => line.startsWith('RUN ') || line.startsWith('COPY ')));
  });
});

describe('a template that is not as it must be', () => {
  const good = 'name: x1\ntitle: Something\nfor: { stack: go }\nwords: [a, b, c]\nneeds: a file\nimage: { repository: go, default: "1", versions: { "1": 1.2.3 } }\njobs: [{ step: test, stage: test }]\n';
  it('is taken where it is right', () => expect(templateOf('x1.yaml', good).name).toBe('x1'));
  it.each([
    ['another name', 'y.yaml', good], ['an unknown stack', 'x1.yaml', good.replace('stack: go', 'stack: cobol')], ['an image without a version', 'x1.yaml', good.replace('1.2.3', 'latest')],
    ['a default that it has not', 'x1.yaml', good.replace('default: "1"', 'default: "2"')], ['an unknown value', 'x1.yaml', `${good}setup: ["echo {{token}}"]\n`], ['an unknown key', 'x1.yaml', `${good}scripts: []\n`],
  ])('is refused for %s', (_what, file, text) => {
    expect(() => templateOf(file, text)).toThrow(/^template /);
    try { templateOf(file, text); } catch (error) { expect(isPivoError(error, 'Internal')).toBe(true); }
  });
});
