// The manifests against the schemas of Kubernetes, and against each other.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parseAllDocuments } from 'yaml';

const FOLDER = join(import.meta.dirname, 'kubernetes');
const MODELS = dirname(fileURLToPath(import.meta.resolve('kubernetes-models')));
/** Their keys are the operator's own. */
const FREE = ['labels', 'matchLabels', 'annotations', 'data', 'selector', 'requests', 'limits'];

type Tree = Readonly<Record<string, unknown>>;
interface Manifest extends Tree {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const manifests: readonly Manifest[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
  .flatMap((name) => parseAllDocuments(readFileSync(join(FOLDER, name), 'utf8')))
  .map((document) => document.toJS() as Manifest);

function ofKind(kind: string): readonly Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

/** Every object in it, itself first. */
function* within(value: unknown): Generator<Tree> {
  if (!isTree(value)) return;
  yield value;
  for (const child of Object.values(value)) yield* within(child);
}

/** What stands under a key, anywhere in it. */
function under(value: unknown, key: string): unknown[] {
  return [...within(value)].filter((each) => key in each).map((each) => each[key]);
}

const podOf = (manifest: Manifest) => (manifest['spec'] as Tree)['template'] as Tree;

for (const manifest of manifests) {
  const { apiVersion, kind, metadata } = manifest;
  test(`${kind} ${metadata.name} is what Kubernetes' schema of ${apiVersion} wants`, async (t) => {
    const models = (await import(`kubernetes-models/${apiVersion}`)) as Record<
      string,
      new (
        content: Tree,
      ) => { validate(): void }
    >;
    const Model = models[kind];
    if (Model === undefined) return t.fail(`${apiVersion} has no ${kind}`);
    return t.notThrows(() => new Model(manifest).validate());
  });
}

test('no field is misspelt: schemas take what they do not know', (t) => {
  const known = new Set(['apiVersion', 'kind', 'metadata', 'name', 'namespace', ...FREE]);
  for (const folder of ['v1', 'apps/v1', 'policy/v1', 'networking.k8s.io/v1']) {
    for (const file of readdirSync(join(MODELS, folder)).filter((name) => name.endsWith('.d.ts'))) {
      const text = readFileSync(join(MODELS, folder, file), 'utf8');
      for (const [, field] of text.matchAll(/^\s+"?(\w+)"?\??:/gm)) known.add(field ?? '');
    }
  }
  const unknown: string[] = [];
  const look = (value: unknown, where: string): void => {
    if (!isTree(value)) return;
    for (const [key, child] of Object.entries(value)) {
      if (!Array.isArray(value) && !known.has(key)) unknown.push(`${where}.${key}`);
      if (!FREE.includes(key) || isTree((child as Tree)?.['matchLabels'])) {
        look(child, `${where}.${key}`);
      }
    }
  };
  for (const manifest of manifests) look(manifest, `${manifest.kind} ${manifest.metadata.name}`);
  t.deepEqual(unknown, []);
});

test('every container is locked: no root, no privilege, a root that is read only', (t) => {
  for (const set of ofKind('StatefulSet')) {
    const pod = podOf(set)['spec'] as Tree;
    t.like(pod, {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const container of [pod['containers'], pod['initContainers'] ?? []].flat()) {
      t.like(container, {
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      });
      t.truthy((container as Tree)['resources'], 'asks for what it needs');
    }
  }
});

test('it is the topology of the compose file: three, two and five, each with a volume and a budget', (t) => {
  const sets = ofKind('StatefulSet');
  const replicas = sets.map((set) => [set.metadata.name, (set['spec'] as Tree)['replicas']]);
  t.deepEqual(Object.fromEntries(replicas), { coordinator: 2, nats: 3, site: 5 });
  for (const set of sets) {
    const { name } = set.metadata;
    const spec = set['spec'] as Tree;
    t.is((spec['volumeClaimTemplates'] as unknown[]).length, 1, name);
    t.true(ofKind('PodDisruptionBudget').some(({ metadata }) => metadata.name === name));
    t.true(ofKind('NetworkPolicy').some(({ metadata }) => metadata.name === name));
    t.true(ofKind('Service').some(({ metadata }) => metadata.name === spec['serviceName']));
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'];
    for (const probe of probes) t.is(under(spec, probe).length, 1, `${name} ${probe}`);
  }
});

test('what is selected is there, what is mounted is a volume, what is probed is a port', (t) => {
  const labels = ofKind('StatefulSet').map((set) => (podOf(set)['metadata'] as Tree)['labels']);
  const apps = labels.map((each) => (each as Tree)['app']);
  for (const value of [...manifests.flatMap((it) => under(it, 'app'))])
    t.true(apps.includes(value));
  for (const set of ofKind('StatefulSet')) {
    const pod = podOf(set)['spec'] as Tree;
    const claims = (set['spec'] as Tree)['volumeClaimTemplates'] as Manifest[];
    const volumes = [
      ...(pod['volumes'] as { name: string }[]).map(({ name }) => name),
      ...claims.map(({ metadata }) => metadata.name),
    ];
    for (const mounts of under(pod, 'volumeMounts') as { name: string }[][]) {
      for (const { name } of mounts) t.true(volumes.includes(name), `${set.metadata.name} ${name}`);
    }
    const containers = pod['containers'] as { ports?: { name: string }[] }[];
    const ports = containers.flatMap((each) => each.ports ?? []).map(({ name }) => name);
    for (const get of under(pod, 'httpGet') as { port: string }[]) t.true(ports.includes(get.port));
  }
});

test('secrets are named, and none stands in a manifest', (t) => {
  t.is(ofKind('Secret').length, 0);
  const named = manifests.flatMap((it) => under(it, 'secretName')).sort();
  const expected = ['coordinator', 'coordinator-certificates', 'invitations', 'nats-certificates'];
  t.deepEqual(named, expected);
});
