// Jars of Maven Central by a pom of pins; Maven checks each against the registry's checksum.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchWith, type EngineOptions } from './cache.ts';

/**
 * Copies the jars that a goal of the dependency plugin names into `aside/jars`. Maven's own repository stands beside them until all
 * are there: a run that was interrupted goes on from it, and no other Maven writes to it.
 */
export async function fetchJars(pom: string, goal: string[], aside: string, options: EngineOptions): Promise<void> {
  const repository = join(aside, 'repository');
  const quiet = ['--quiet', '--batch-mode', '--no-transfer-progress', '--strict-checksums'];
  await fetchWith('mvn', [...quiet, '--file', pom, `-Dmaven.repo.local=${repository}`, ...goal, `-DoutputDirectory=${join(aside, 'jars')}`], options);
  await rm(repository, { recursive: true });
}
