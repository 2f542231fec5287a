// The peers live outside the workspace, so that nobody's install compiles them: an npm folder under
// the temporary directory, made when it is first needed.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const MANIFEST = {
  name: 'starling-bench-peers',
  private: true,
  dependencies: { 'hnswlib-node': '3.0.0', usearch: '2.25.3' },
};

const DRIVER_SOURCE = join(import.meta.dirname, 'native/hnswlib-driver.cpp');
const DRIVER_FLAGS = ['-O3', '-march=native', '-ffast-math', '-std=c++17'];
const RUN_MAX_MS = 300_000;

const run = promisify(execFile);

/**
 * Installs the peers unless they are there.
 *
 * @returns the folder that holds their `node_modules`
 * @throws {Error} when npm fails
 */
export async function installPeers(signal: AbortSignal): Promise<string> {
  const manifest = JSON.stringify(MANIFEST, null, 2);
  const folder = join(tmpdir(), `starling-bench-peers-${shortHash(manifest)}`);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  try {
    await mkdir(draft, { recursive: true });
    await writeFile(join(draft, 'package.json'), manifest);
    await install(draft, signal);
    // Whoever was faster has installed the same.
    if (!existsSync(folder)) await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/**
 * Compiles the C++ driver over the headers that hnswlib-node brings, for this machine.
 *
 * @returns the program
 * @throws {Error} when there is no compiler or it fails
 */
export async function compileDriver(peersFolder: string, signal: AbortSignal): Promise<string> {
  const headers = join(peersFolder, 'node_modules/hnswlib-node/src/hnswlib');
  const source = await readFile(DRIVER_SOURCE, 'utf8');
  const program = join(peersFolder, `hnswlib-driver-${shortHash(source)}`);
  if (existsSync(program)) return program;
  const draft = `${program}.${process.pid}`;
  const args = [...DRIVER_FLAGS, '-I', headers, '-o', draft, DRIVER_SOURCE];
  await run('g++', args, { signal, timeout: RUN_MAX_MS });
  await rename(draft, program);
  return program;
}

async function install(folder: string, signal: AbortSignal): Promise<void> {
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock'];
  // What pnpm tells its scripts is not meant for npm.
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const env = { ...Object.fromEntries(inherited), JOBS: `${availableParallelism()}` };
  await run('npm', args, { cwd: folder, env, signal, timeout: RUN_MAX_MS });
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
