// What users get: the emitted packages, imported by name from outside the workspace, without
// TypeScript at run time and with their declarations at compile time.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { ROOMS } from './architecture/rooms.ts';
import { WORKSPACE_ROOT } from './architecture/workspace-files.ts';

const home = mkdtempSync(join(tmpdir(), 'starling-publish-'));
test.after.always(() => rmSync(home, { recursive: true, force: true }));

/** Plain JavaScript that is also the TypeScript which is checked. */
const CONSUMER = `
import assert from 'node:assert/strict';
import { digestOf } from '@starling/crypto';
import { HnswIndex } from '@starling/index';
import { decodeCanonical, encodeCanonical } from '@starling/shared';

const bytes = encodeCanonical({ site: 'clinic-a', round: 3 });
assert.deepEqual(decodeCanonical(bytes, 64), { ok: true, value: { round: 3, site: 'clinic-a' } });
assert.equal(digestOf(bytes).length, 64);
const index = new HnswIndex({ dimension: 2, metric: 'euclidean' });
index.insertBatch(['near', 'far'], Float32Array.of(1, 0, 9, 9));
assert.equal(index.search(Float32Array.of(1, 1), { k: 1 }).hits[0]?.id, 'near');
`;

test.serial('publish emits every listed package with its licence and exact versions', (t) => {
  const run = node(WORKSPACE_ROOT, 'infra/deploy/publish.ts', '--out', join(home, 'packages'));
  t.is(run.status, 0, run.stderr);
  const emitted = emittedPackages(run.stdout);
  t.true(emitted.length >= 2);
  for (const { name, target } of emitted) {
    const manifest = readManifest(target);
    t.is(manifest.name, name);
    t.regex(readFileSync(join(target, 'LICENSE'), 'utf8'), /Apache License/);
    for (const [dependency, version] of Object.entries(manifest.dependencies)) {
      t.regex(version, /^(npm:.+@)?\d+\.\d+\.\d+/, `${name} → ${dependency}`);
    }
    install(name, target, Object.keys(manifest.dependencies));
  }
});

test.serial('a program outside the workspace imports the emitted packages and calls them', (t) => {
  const run = node(
    home,
    '--no-experimental-strip-types',
    '--input-type=module',
    '--eval',
    `${CONSUMER}\n${importAll()}`,
  );
  t.is(run.status, 0, run.stderr);
});

test.serial('the emitted declarations type-check in a strict program', (t) => {
  symlink(join(WORKSPACE_ROOT, 'node_modules', '@types', 'node'), '@types/node');
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(home, 'consumer.ts'), `${CONSUMER}\n${importAll()}`);
  const wrong = "import { digestOf } from '@starling/crypto';\nexport const n: number = digestOf;";
  writeFileSync(join(home, 'wrong.ts'), wrong);
  const tsc = join(WORKSPACE_ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024'];
  const check = (file: string) => node(home, tsc, ...options, '--types', 'node', file);
  const run = check('consumer.ts');
  t.is(run.status, 0, run.stdout);
  t.regex(check('wrong.ts').stdout, /not assignable to type 'number'/);
});

function node(cwd: string, ...args: readonly string[]) {
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
}

interface Emitted {
  readonly name: string;
  readonly target: string;
}

function emittedPackages(stdout: string): Emitted[] {
  return [...stdout.matchAll(/^(@starling\/\S+) \S+ → (.+)$/gm)].map(([, name, target]) => ({
    name: name ?? '',
    target: target ?? '',
  }));
}

interface EmittedManifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

function readManifest(target: string): EmittedManifest {
  return JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as EmittedManifest;
}

const installed = new Set<string>();

/** Does what a package manager would, with what the workspace has already fetched. */
function install(name: string, target: string, dependencies: readonly string[]): void {
  symlink(target, name);
  const folder = ROOMS.find(({ packageName }) => packageName === name)?.folder ?? name;
  for (const dependency of dependencies) {
    if (dependency.startsWith('@starling/')) continue;
    symlink(join(WORKSPACE_ROOT, folder, 'node_modules', dependency), dependency);
  }
}

function symlink(target: string, name: string): void {
  if (installed.has(name)) return;
  installed.add(name);
  const link = join(home, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(target, link, 'dir');
}

/** Every emitted package, whatever its face holds. */
function importAll(): string {
  return [...installed]
    .filter((name) => name.startsWith('@starling/'))
    .map((name) => `assert.equal(typeof (await import('${name}')), 'object');`)
    .join('\n');
}
