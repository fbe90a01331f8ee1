// What readers say of facts that others look for: each is the whole detail of its facts, and the fact's name is the value.

export const SAID = {
  name: 'what the project calls itself',
  version: 'the version of its language that it asks for',
  member: 'a part of its workspace',
  tool: 'a tool that is set up here',
  backend: 'what builds the package',
  extra: 'a group of optional dependencies',
  sdk: 'what the project is built with',
  plugin: 'a plugin of the build',
  tests: 'declares tests',
  process: 'what a process of this name runs',
  unittest: 'what its tests are classes of',
} as const;
export type Said = (typeof SAID)[keyof typeof SAID];
