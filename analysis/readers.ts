// All readers; a file is read by each that reads it.
import { githubReader, gitlabReader, otherCiReader } from './ci.ts';
import { dotenvReader, propertiesReader, settingsReader } from './configuration.ts';
import { composeReader, dockerfileReader, kubernetesReader } from './containers.ts';
import { jvmReader } from './jvm.ts';
import { cargoReader, dbtReader, goModReader, gradleReader, mavenReader } from './manifests/build-files.ts';
import { jsonManifestReader } from './manifests/json-manifests.ts';
import { cargoProjectReader, cmakeReader, dotnetReader, gemReader, goProjectReader, gradleProjectReader, mavenProjectReader, packageReader, pipfileReader, procfileReader, pyprojectProjectReader, sbtProjectReader, terraformReader, unittestReader } from './manifests/projects.ts';
import { condaReader, pyprojectReader, requirementsReader, setupReader } from './manifests/python-manifests.ts';
import { versionFileReader } from './manifests/version-files.ts';
import { programReader } from './programs.ts';
import { pythonReader } from './python.ts';
import type { FileReader } from './reader.ts';
import { scriptReader } from './script.ts';
import { makefileReader, shellReader } from './shell.ts';
import { baseName } from './source.ts';
import { sqlReader } from './sql.ts';
import { crontabReader, systemdReader } from './timers.ts';

const READERS: readonly FileReader[] = [
  pythonReader, jvmReader, scriptReader, programReader, sqlReader, shellReader, makefileReader, crontabReader, systemdReader,
  dockerfileReader, composeReader, kubernetesReader, gitlabReader, githubReader, otherCiReader, dotenvReader, settingsReader, propertiesReader,
  jsonManifestReader, requirementsReader, pyprojectReader, setupReader, condaReader, mavenReader, gradleReader, goModReader, cargoReader, dbtReader,
  packageReader, pyprojectProjectReader, pipfileReader, cargoProjectReader, mavenProjectReader, gradleProjectReader, sbtProjectReader, goProjectReader, dotnetReader, gemReader, cmakeReader, terraformReader, procfileReader, unittestReader, versionFileReader,
];

/** The readers of a file, by its path. */
export function readersOf(path: string): readonly FileReader[] {
  const lower = (path.startsWith('"') ? path.slice(1, -1) : path).toLowerCase(); // a quoted path ends with a quote
  const name = baseName(lower);
  return READERS.filter((reader) => reader.reads(lower, name));
}
