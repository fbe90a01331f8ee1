// Templates are found by words and by nearness of meaning, without a model.
import { describe, expect, it } from 'vitest';
import { findTemplates, templatesFor } from '../../pipelines/retrieve.ts';
import { loadTemplates } from '../../pipelines/templates.ts';
import { REPOSITORIES } from '../fixtures/pipelines-repositories.ts';
import { needsOfFiles } from '../harness/pipeline-needs.ts';

const { pipelines } = await loadTemplates();
const names = (text: string, limit = 3): string[] => findTemplates(pipelines, text, limit).map(({ template }) => template.name);

describe('a question in words', () => {
  it.each([
    ['node with pnpm', 'node-pnpm'], ['a pipeline for my PySpark job with poetry', 'spark-python-poetry'], ['spark jobs in scala', 'spark-scala-sbt'], ['spring boot service built by maven', 'java-maven-spring'],
    ['kotlin with gradle', 'java-gradle'], ['golang service', 'go'], ['cargo crate', 'rust'], ['c# web api', 'dotnet'], ['laravel application', 'php-composer'], ['rails with rspec', 'ruby-bundler'], ['cmake and ctest', 'cpp-cmake'],
    ['markdown documentation with mkdocs', 'site-mkdocs'], ['blog with hugo', 'site-hugo'], ['infrastructure in aws', 'terraform'], ['only build the docker image', 'docker'], ['react frontend made by vite, npm', 'node-site-npm'], ['django rest api', 'python-web-pip'], ['terraforms', 'terraform'],
  ])('%s finds %s', (text, expected) => {
    expect(names(text)).toContain(expected);
  });

  it('without words finds nothing', () => {
    expect(names('')).toEqual([]);
    expect(names('" OR ( * NEAR')).not.toContain(undefined);
  });

  it('finds the same each time, the best first', () => {
    const found = findTemplates(pipelines, 'python package', 10);
    expect(findTemplates(pipelines, 'python package', 10)).toEqual(found);
    expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a));
  });
});

describe('a stack', () => {
  it('of each repository has a template, and only those that can be used for it', async () => {
    for (const { name, files } of REPOSITORIES) {
      for (const stack of (await needsOfFiles(name, files)).stacks) {
        const found = templatesFor(pipelines, stack);
        expect(found.length, `${name} ${stack.kind}`).toBeGreaterThan(0);
        expect(found.filter((template) => template.for.stack !== stack.kind || template.for.managers?.includes(stack.manager ?? '') === false)).toEqual([]);
      }
    }
  });

  it.each([['web-vite', 'node-site-npm'], ['node-library', 'node-npm'], ['python-django', 'python-web-pip'], ['python-requirements', 'python-pip'], ['maven-spring-modules', 'java-maven-spring'], ['maven-library', 'java-maven'], ['node-yarn-berry', 'node-yarn-berry'], ['spark-python', 'spark-python-pip'], ['spark-scala', 'spark-scala-sbt'], ['c-make', 'cpp-make'], ['site-hugo', 'site-hugo']])('%s takes %s', async (name, template) => {
    const { stacks } = await needsOfFiles(name, REPOSITORIES.find((each) => each.name === name)?.files ?? {});
    expect(stacks[0] === undefined ? [] : templatesFor(pipelines, stacks[0])[0]?.name).toBe(template);
  });
});
