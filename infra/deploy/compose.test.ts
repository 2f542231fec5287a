// The compose file and the scripts around it, as far as they can be judged without a daemon.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';

const FILE = join(import.meta.dirname, 'docker-compose.yml');
const ENVIRONMENT = { ...process.env, NATS_CLIENT_NKEY: 'U', STARLING_NETWORK: '10.9.8' };
const has = (command: string, args: readonly string[]) => spawnSync(command, args).status === 0;
const compose = has('docker-compose', ['version'])
  ? ['docker-compose']
  : has('docker', ['compose', 'version'])
    ? ['docker', 'compose']
    : undefined;

interface Service {
  readonly image: string;
  readonly user: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks: { readonly starling: { readonly ipv4_address: string } };
  readonly volumes: readonly string[];
}

const { services, volumes } = parse(readFileSync(FILE, 'utf8'), { merge: true }) as {
  services: Readonly<Record<string, Service>>;
  volumes: Readonly<Record<string, null>>;
};

test('three servers, two coordinators and five sites, each with an address and a volume of its own', (t) => {
  const always = Object.entries(services).filter(([, { profiles }]) => profiles === undefined);
  const kinds = always.map(([name]) => name.replace(/-\d$/, ''));
  const count = (kind: string) => kinds.filter((each) => each === kind).length;
  t.deepEqual([count('nats'), count('coordinator'), count('site')], [3, 2, 5]);
  t.is(kinds.length, 10);
  const addresses = Object.values(services).map(({ networks }) => networks.starling.ipv4_address);
  t.is(new Set(addresses).size, addresses.length);
  for (const [name, service] of Object.entries(services)) {
    t.true(
      service.volumes.some((each) => each.startsWith(`${name}:`)),
      name,
    );
    t.true(name in volumes, name);
  }
});

test('no service has root, a capability or a root that it may write to; ports are this machine alone', (t) => {
  for (const [name, service] of Object.entries(services)) {
    t.notRegex(service.user, /^(0|root)(:|$)/, name);
    t.true(service.read_only, name);
    t.deepEqual(service.cap_drop, ['ALL'], name);
    t.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
    for (const port of service.ports ?? []) t.true(port.startsWith('127.0.0.1:'), name);
  }
});

test('scripts are what bash reads', (t) => {
  const scripts = ['network', 'network-parts.sh', join('images', 'base-image.sh')];
  for (const script of scripts) {
    const { status, stderr } = spawnSync('bash', ['-n', join(import.meta.dirname, script)]);
    t.is(status, 0, stderr?.toString());
  }
});

test('the image is given every manifest that the lock file knows of', (t) => {
  const dockerfile = readFileSync(join(import.meta.dirname, 'Dockerfile'), 'utf8');
  const root = join(import.meta.dirname, '..', '..');
  const lock = parse(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')) as { importers: object };
  for (const folder of Object.keys(lock.importers).filter((each) => each !== '.')) {
    t.true(dockerfile.includes(`COPY ${folder}/package.json ${folder}/`), folder);
  }
  t.true(readdirSync(join(import.meta.dirname, 'images')).includes('health.ts'));
});

if (compose === undefined) {
  test.skip('compose: docker-compose is not here (Debian: docker-compose)', () => {});
} else {
  test('compose reads the file, with monitoring and without', (t) => {
    const [command = '', ...before] = compose;
    for (const profile of [[], ['--profile', 'monitoring']]) {
      const args = [...before, '-f', FILE, ...profile, 'config', '--quiet'];
      const { status, stderr } = spawnSync(command, args, { env: ENVIRONMENT });
      t.is(status, 0, stderr?.toString());
    }
  });
}
