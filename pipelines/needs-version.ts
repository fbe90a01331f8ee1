// The version of a language that a repository asks for, from the many ways of writing one.
import { SAID } from '../analysis/manifests/said.ts';
import { VERSION_FILES } from '../analysis/manifests/version-files.ts';
import type { Fact } from '../contract/analysis.ts';
import { isBelow, under, type Project } from './needs-project.ts';

export interface Asked {
  version: string;
  evidence: Fact;
}

/**
 * `20`, `3.11`, or `>=18` where a range has no upper end: of several ranges the highest. Null where a text names no version.
 * Ranges as npm, PEP 440, Composer and Bundler write them.
 */
export function versionIn(text: string): string | null {
  const parts = text.split('||').map((part) => /([<>=!~^]*)\s*v?(\d+(?:\.\d+)*)/g.exec(part.replaceAll('.*', '').replaceAll('.x', ''))).filter((part) => part !== null);
  const highest = parts.sort(([, , a = ''], [, , b = '']) => compareVersions(b, a))[0];
  if (highest === undefined) return null;
  const [, sign = '', version = ''] = highest;
  if (sign.startsWith('<') || sign === '!=') return null;
  return sign.startsWith('>') && !text.includes('<') ? `>=${version}` : version;
}

/** Below, at or above zero as `a` is before, the same as, or after `b`, number by number. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The version in the nearest version file: of the folder itself, or of one above. */
export function versionFile(project: Project, folder: string, tool: string): Asked | null {
  const names = [...Object.keys(VERSION_FILES).filter((name) => VERSION_FILES[name] === tool), '.tool-versions'];
  for (let at: string | null = folder; at !== null; at = at === '' ? null : at.split('/').slice(0, -1).join('/')) {
    for (const name of names) {
      const fact = project.of(at, name).find(({ name: text, detail }) => detail === SAID.version && (name !== '.tool-versions' || text.startsWith(`${tool} `)));
      const version = fact === undefined ? null : versionIn(fact.name.split(' ').at(-1) ?? '');
      if (fact !== undefined && version !== null) return { version, evidence: fact };
    }
  }
  return null;
}

/** The first of facts that names a version; `text` gives where it stands. */
export function versionOf(facts: readonly Fact[], text: (fact: Fact) => string = ({ name }) => name): Asked | null {
  for (const evidence of facts) {
    const version = versionIn(text(evidence));
    if (version !== null) return { version, evidence };
  }
  return null;
}

/** Ports that files below a folder name, without those of services that run beside it, with their facts; the lowest first. */
export function portsOf(project: Project, folder: string, others: readonly string[]): { ports: number[]; evidence: Fact[] } {
  const facts = project.factsBelow(folder).filter(({ kind, file, detail }) => kind === 'port' && !others.some((other) => other !== folder && isBelow(other, folder) && isBelow(file, other)) && !/^port of service|Kubernetes/.test(detail));
  const found = new Map<number, Fact>();
  for (const fact of facts) {
    const port = Number(/^\d{2,5}/.exec(fact.name)?.[0] ?? 0);
    if (port > 0 && port < 65_536 && !found.has(port)) found.set(port, fact);
  }
  const ports = [...found.keys()].sort((a, b) => a - b);
  return { ports, evidence: ports.flatMap((port) => found.get(port) ?? []) };
}

/** A command of the Makefile of a folder, by the first of the targets that it has. */
export function makeTarget(project: Project, folder: string, targets: readonly string[]): { target: string; evidence: Fact } | null {
  for (const file of project.named(folder, /^(?:GNU)?[Mm]akefile$/)) {
    for (const target of targets) {
      const evidence = project.of(folder, file).find(({ kind, name }) => kind === 'command' && name === target);
      if (evidence !== undefined) return { target, evidence };
    }
  }
  return null;
}

/** The first of the names that a folder has a file of. */
export const fileIn = (project: Project, folder: string, ...names: readonly string[]): string | null => names.find((name) => project.files.includes(under(folder, name))) ?? null;
