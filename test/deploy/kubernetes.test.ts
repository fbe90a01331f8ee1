// deploy/kubernetes renders to manifests that Kubernetes knows, locked down as docs/deploy.md says, with the settings of docker-compose.yml.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../config.ts';
import { TASK_QUEUE } from '../../contract/names.ts';
import { hasPython } from '../harness/python-tools.ts';
import { complaintsOf, kubectlRuns, rendered, type Manifest } from './kubectl.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const LAYERS = ['base', 'overlays/small', 'overlays/production'] as const;
/** The oldest that is still supported, and the newest. */
const VERSIONS = ['1.34', '1.37'];
const can = kubectlRuns && (await hasPython());

interface Container {
  name: string;
  image: string;
  command: string[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: { optional?: boolean } } }[];
  envFrom: { configMapRef: { name: string } }[];
  livenessProbe?: object;
  readinessProbe: { exec: { command: string[] } };
  resources: { requests: object; limits: object };
  securityContext: object;
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
}

interface PodSpec {
  containers: Container[];
  volumes: { name: string; secret?: { optional?: boolean } }[];
  securityContext: object;
  automountServiceAccountToken: boolean;
  hostNetwork?: boolean;
  hostPID?: boolean;
  terminationGracePeriodSeconds: number;
}

const layers = new Map<string, Manifest[]>();
let made: string | undefined;
const inFolder = (name: string): string => join(made ?? '/nonexistent', name);

beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'pivo-kubernetes-'));
  if (can) for (const layer of LAYERS) layers.set(layer, await rendered(join(root, 'deploy/kubernetes', layer)));
});
afterAll(async () => {
  if (made !== undefined) await rm(made, { recursive: true, force: true });
});

const of = (layer: string, kind: string): Manifest[] => (layers.get(layer) ?? []).filter((each) => each.kind === kind);
const podsOf = (layer: string): { name: string; pod: PodSpec }[] => of(layer, 'StatefulSet').map(({ metadata: { name }, spec }) => ({ name, pod: (spec as { template: { spec: PodSpec } }).template.spec }));
const named = (layer: string, kind: string, start: string): Manifest => {
  const found = of(layer, kind).find(({ metadata }) => metadata.name.startsWith(start));
  if (found === undefined) throw new Error(`${layer} has no ${kind} ${start}`);
  return found;
};

/** A ScaledObject as KEDA 2.17 takes it, and its temporal scaler (keda.sh/docs/2.17/scalers/temporal): as much of both as is used. */
const Scaled = z.strictObject({
  scaleTargetRef: z.strictObject({ apiVersion: z.literal('apps/v1'), kind: z.literal('StatefulSet'), name: z.string() }),
  minReplicaCount: z.number().int().min(0),
  maxReplicaCount: z.number().int().positive(),
  pollingInterval: z.number().int().positive(),
  cooldownPeriod: z.number().int().positive(),
  advanced: z.strictObject({ horizontalPodAutoscalerConfig: z.strictObject({ behavior: z.object({}).loose() }) }),
  triggers: z.tuple([z.strictObject({
    type: z.literal('temporal'),
    metadata: z.strictObject({ endpoint: z.string(), namespace: z.string(), taskQueue: z.string(), queueTypes: z.literal('workflow,activity'), targetQueueSize: z.string().regex(/^\d+$/), activationTargetQueueSize: z.string().regex(/^\d+$/) }),
  })]),
});

describe.skipIf(!can)('the manifests (need Python, and kubectl for Linux on x86-64)', () => {
  it.each(LAYERS)('of %s keep to the schemas of Kubernetes, with no field that it does not know', async (layer) => {
    const native = (layers.get(layer) ?? []).filter(({ apiVersion }) => !apiVersion.startsWith('keda.sh/'));
    expect(native.length).toBeGreaterThan(10);
    for (const version of layer === 'base' ? VERSIONS : VERSIONS.slice(-1)) expect(await complaintsOf(inFolder('manifests.json'), native, version), version).toBe('');
  });

  it('would be refused for a misspelt field', async () => {
    const bad = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { selectr: {} } };
    expect(await complaintsOf(inFolder('bad.json'), [bad], '1.34')).toContain('selectr');
  });

  it('scale further workers by the backlog of the queue that workers poll, and leave their number to the autoscaler', () => {
    const scaled = Scaled.parse(named('overlays/production', 'ScaledObject', 'pivo-worker').spec);
    const [{ metadata }] = scaled.triggers;
    const addresses = named('overlays/production', 'ConfigMap', 'pivo-addresses').data ?? {};
    expect(metadata).toMatchObject({ taskQueue: TASK_QUEUE, endpoint: addresses['TEMPORAL_ADDRESS'], namespace: addresses['TEMPORAL_NAMESPACE'] });
    expect(named('overlays/production', 'StatefulSet', scaled.scaleTargetRef.name).spec).not.toHaveProperty('replicas');
    expect(named('base', 'StatefulSet', 'pivo-worker').spec).toMatchObject({ replicas: 0 });
  });

  it('have the fallback without KEDA in a form that Kubernetes knows', async () => {
    const at = (layer: string): string => relative(inFolder(''), join(root, 'deploy/kubernetes', layer));
    await writeFile(inFolder('kustomization.yaml'), `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [${at('base')}]\ncomponents: [${at('components/hpa')}]\n`);
    const manifests = await rendered(inFolder(''));
    expect(manifests.find(({ kind }) => kind === 'HorizontalPodAutoscaler')?.spec).toMatchObject({ scaleTargetRef: { kind: 'StatefulSet', name: 'pivo-worker' } });
    expect(await complaintsOf(inFolder('manifests.json'), manifests, '1.34')).toBe('');
  });
});

describe.skipIf(!can)('each pod (needs kubectl as above)', () => {
  const pods = (): { name: string; pod: PodSpec }[] => LAYERS.flatMap(podsOf);

  it('runs as nobody of importance, on a root that it cannot write, without a token of Kubernetes', () => {
    expect(pods().length).toBeGreaterThan(3);
    for (const { name, pod } of pods()) {
      expect(pod, name).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001, seccompProfile: { type: 'RuntimeDefault' } } });
      expect([pod.hostNetwork, pod.hostPID], name).toEqual([undefined, undefined]);
      for (const { securityContext, resources } of pod.containers) {
        expect(securityContext, name).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: { drop: ['ALL'] } });
        expect(resources, name).toMatchObject({ requests: { cpu: expect.anything(), memory: expect.anything() }, limits: { memory: expect.anything() } });
      }
    }
    expect(text('docker/Dockerfile')).toContain('--uid 10001 ');
    for (const layer of LAYERS) expect(named(layer, 'ServiceAccount', 'pivo')).toMatchObject({ automountServiceAccountToken: false });
  });

  it('writes to its home and to /tmp, and nowhere else', () => {
    for (const { name, pod } of pods()) {
      for (const { volumeMounts } of pod.containers) {
        expect(volumeMounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath).sort(), name).toEqual(['/tmp', '/var/lib/pivo']);
      }
    }
  });

  it('takes secrets by reference, and starts without those that it does not need', () => {
    for (const { pod } of pods()) {
      for (const { env = [] } of pod.containers) {
        for (const { name, value, valueFrom } of env.filter((each) => /PASSWORD|KEY|TOKEN|SECRET/.test(each.name))) {
          expect(value, name).toBeUndefined();
          expect(valueFrom?.secretKeyRef?.optional, name).toBe(true);
        }
      }
      expect(pod.volumes.find(({ secret }) => secret !== undefined)?.secret?.optional).toBe(true);
    }
    for (const layer of LAYERS) expect(of(layer, 'Secret')).toEqual([]);
  });

  it('has each process once around a home: one worker, one index, one server', () => {
    for (const layer of LAYERS) {
      const [main, ...others] = podsOf(layer);
      expect(main?.pod.containers.map(({ name }) => name)).toEqual(['metadata', 'worker', 'server']);
      expect(named(layer, 'StatefulSet', 'pivo').spec).toMatchObject({ replicas: 1, volumeClaimTemplates: [{ metadata: { name: 'home' } }] });
      for (const { pod } of others) expect(pod.containers.map(({ name }) => name)).toEqual(['worker']);
    }
  });
});

describe.skipIf(!can)('compared with docker-compose.yml (needs kubectl as above)', () => {
  interface Service {
    command: string[];
    environment: Record<string, string>;
    healthcheck: { test: string[] };
    stop_grace_period: string;
  }
  const { services } = parse(text('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };
  const containers = (): Container[] => podsOf('base').flatMap(({ pod }) => pod.containers);

  it('each process starts the same way and is asked the same for its health', () => {
    expect(containers()).toHaveLength(4);
    for (const { name, command, readinessProbe } of containers()) {
      expect(command, name).toEqual(services[name]?.command);
      expect(['CMD', ...readinessProbe.exec.command], name).toEqual(services[name]?.healthcheck.test);
    }
    expect(containers().filter(({ livenessProbe }) => livenessProbe === undefined).map(({ name }) => name)).toEqual(['worker', 'worker']);
    for (const { pod } of podsOf('base')) expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(Number.parseInt(services['worker']?.stop_grace_period ?? '', 10));
  });

  it('each has the same settings, of which only hosts differ', () => {
    const addresses = named('base', 'ConfigMap', 'pivo-addresses').data ?? {};
    const environment = services['worker']?.environment ?? {};
    expect(Object.keys(addresses).sort()).toEqual(Object.keys(environment).sort());
    const hostless = (settings: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, value.replace(/(^|\/\/)[a-z][\w.-]*(?=:\d)/, '$1host')]));
    expect(hostless(addresses)).toEqual(hostless(environment));
    for (const { name, envFrom, env = [] } of containers()) {
      expect(envFrom[0]?.configMapRef.name, name).toMatch(/^pivo-addresses-/);
      expect(env.map((each) => each.name).filter((each) => !/PASSWORD|KEY/.test(each)), name).toEqual({ metadata: [], worker: ['SPARK_LOCAL_HOSTNAME'], server: ['PIVO_LISTEN'] }[name]);
    }
  });

  it('PIVO understands the settings of each layer, whose server lets nobody in until somebody is named', async () => {
    for (const layer of LAYERS) {
      const home = await mkdtemp(inFolder('home-'));
      await writeFile(join(home, 'config.toml'), named(layer, 'ConfigMap', 'pivo-config').data?.['config.toml'] ?? '');
      const config = loadConfig({ ...named(layer, 'ConfigMap', 'pivo-addresses').data, PIVO_HOME: home, PIVO_LISTEN: '0.0.0.0:7420' });
      expect(config.telemetry.metrics).toMatchObject({ port: 9464 });
      expect(config.server.tokens).toEqual([{ user: 'nobody', role: 'reader', sha256: '0'.repeat(64) }]);
      expect(config.kafka).toMatchObject({ replication: layer === 'overlays/small' ? 1 : 3 });
    }
  });

  it('Spark has the same defaults', () => {
    expect(text('deploy/kubernetes/base/spark-defaults.conf')).toBe(text('docker/spark-defaults.conf'));
  });
});

describe.skipIf(!can)('the network (needs kubectl as above)', () => {
  interface Policy {
    egress?: { to?: { ipBlock?: { cidr: string; except?: string[] } }[]; ports?: { port: number }[] }[];
    ingress?: { from?: object[] }[];
  }
  const policies = (): Policy[] => of('base', 'NetworkPolicy').map(({ spec }) => spec as unknown as Policy);

  it('is closed by default, both ways, for every pod', () => {
    for (const layer of LAYERS) expect(named(layer, 'NetworkPolicy', 'default-deny').spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it('is opened for named peers only, and to the internet only where neither the cluster nor the node answers', () => {
    const opened = policies().flatMap(({ egress = [], ingress = [] }) => [...egress.map(({ to }) => to), ...ingress.map(({ from }) => from)]);
    expect(opened.length).toBeGreaterThan(5);
    for (const peers of opened) expect(peers?.length ?? 0).toBeGreaterThan(0);
    const internet = policies().flatMap(({ egress = [] }) => egress.flatMap(({ to = [], ports = [] }) => to.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [{ ...ipBlock, ports: ports.map(({ port }) => port) }]))));
    expect(internet.map(({ cidr, ports }) => [cidr, ports])).toEqual([['0.0.0.0/0', [443, 22]], ['::/0', [443, 22]]]);
    expect(internet[0]?.except).toEqual(expect.arrayContaining(['10.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16']));
  });

  it('reaches every engine at the port that the settings name', () => {
    const ports = policies().flatMap(({ egress = [] }) => egress.flatMap((rule) => rule.ports?.map(({ port }) => port) ?? []));
    const { PIVO_STORE = '', PIVO_EVENTS = '', TEMPORAL_ADDRESS = '' } = named('base', 'ConfigMap', 'pivo-addresses').data ?? {};
    for (const address of [PIVO_STORE, PIVO_EVENTS, TEMPORAL_ADDRESS]) expect(ports, address).toContain(Number(/:(\d+)/.exec(address)?.[1]));
  });
});

describe.skipIf(!can)('an overlay (needs kubectl as above)', () => {
  it('names an image with a version, and covers each StatefulSet with a service and a disruption budget', () => {
    for (const layer of ['overlays/small', 'overlays/production']) {
      for (const { pod } of podsOf(layer)) for (const { image } of pod.containers) expect(image).toMatch(/^[\w.-]+\/pivo:\d/);
      const sets = of(layer, 'StatefulSet').map(({ metadata }) => metadata.name);
      expect(of(layer, 'PodDisruptionBudget').map(({ metadata }) => metadata.name).sort()).toEqual(sets.sort());
      for (const name of sets) expect(named(layer, 'Service', `${name}-pods`).spec).toMatchObject({ clusterIP: 'None' });
    }
  });
});
