// Looks at this machine before a site runs on it, and says what to do about what it finds.

import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { negotiatedTlsGroup, TLS_GROUP } from '@starling/adapters';
import { type Backends, chosenBackends } from '@starling/crypto';
import { lookAtLog } from './coordinator-log.ts';
import { RuntimeError } from './runtime-error.ts';
import { CONFIG_FILE, COORDINATOR_PORT, readConfig } from './site-config.ts';
import { openSiteFolder, summaryOf } from './site-folder.ts';

export type CheckState = 'ok' | 'warning' | 'failed';

export interface Check {
  readonly name: string;
  readonly state: CheckState;
  readonly found: string;
  /** What to do; empty when all is well. */
  readonly advice: string;
}

const RESTORE = 'restore it from a backup';
const NODE_OLDEST = [24, 12] as const;
/** Free bytes below which a site is warned. */
const DISK_BYTES_MIN = 1024 ** 3;
/** A clock before this is wrong: this code did not exist yet. */
const CLOCK_EARLIEST_MS = Date.UTC(2026, 0, 1);

/** Runs every check; none of them changes anything. Encrypted keys are opened when they can be. */
export async function examine(home: string, passphrase?: Uint8Array): Promise<Check[]> {
  const backends = chosenBackends();
  return [
    checkNode(),
    checkBackend('signatures', 'ML-DSA-65', backends.signatures, 'about seven times slower'),
    checkBackend('kem', 'X-Wing', backends.kem, 'about twenty times slower'),
    checkSymmetric(backends.missing),
    await checkTls(),
    checkClock(),
    await checkDisk(home),
    await checkPort(home),
    await checkFolder(home),
    await checkSite(home, passphrase),
    ...(await checkLog(home)),
  ];
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldMajor, oldMinor] = NODE_OLDEST;
  const fits = major > oldMajor || (major === oldMajor && minor >= oldMinor);
  return {
    name: 'node',
    state: fits ? 'ok' : 'failed',
    found: process.versions.node,
    advice: fits ? '' : `install Node ${NODE_OLDEST.join('.')} or newer`,
  };
}

function checkBackend(
  name: 'signatures' | 'kem',
  what: string,
  backend: Backends['signatures'],
  cost: string,
): Check {
  const native = backend === 'node';
  return {
    name,
    state: native ? 'ok' : 'warning',
    found: `${what} by ${native ? `node (OpenSSL ${process.versions.openssl})` : backend}`,
    advice: native ? '' : `this Node has no native ${what}: the portable one is ${cost}`,
  };
}

function checkSymmetric(missing: readonly string[]): Check {
  const fits = missing.length === 0;
  return {
    name: 'symmetric',
    state: fits ? 'ok' : 'failed',
    found: fits
      ? 'HKDF, AES-256-GCM, ChaCha20, SHA3-256 by node'
      : `this Node lacks ${missing.join(', ')}`,
    advice: fits ? '' : 'use a Node with its own OpenSSL, not one restricted by a provider',
  };
}

async function checkTls(): Promise<Check> {
  try {
    const group = await negotiatedTlsGroup();
    const fits = group === TLS_GROUP;
    return {
      name: 'tls',
      state: fits ? 'ok' : 'failed',
      found: group,
      advice: fits
        ? ''
        : `a handshake must agree on ${TLS_GROUP}: use a Node built with OpenSSL 3.5`,
    };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { name: 'tls', state: 'failed', found, advice: 'use a Node built with OpenSSL 3.5' };
  }
}

function checkClock(): Check {
  const nowMs = Date.now();
  const fits = nowMs > CLOCK_EARLIEST_MS;
  return {
    name: 'clock',
    state: fits ? 'ok' : 'failed',
    found: new Date(nowMs).toISOString(),
    advice: fits ? '' : 'set the clock: messages of a site in the past are refused as expired',
  };
}

async function checkDisk(home: string): Promise<Check> {
  const folder = await existingAbove(home);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const fits = free >= DISK_BYTES_MIN;
  return {
    name: 'disk',
    state: fits ? 'ok' : 'warning',
    found: `${(free / 1024 ** 3).toFixed(1)} GiB free at ${folder}`,
    advice: fits ? '' : 'a site needs room for its index, its payloads and its log: 1 GiB or more',
  };
}

async function checkPort(home: string): Promise<Check> {
  const port = await configuredPort(home);
  if (port === 0) {
    return { name: 'port', state: 'ok', found: 'any free one, by its config', advice: '' };
  }
  const taken = await new Promise<string | undefined>((answer) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => answer(error.code ?? error.message));
    server.listen(port, '0.0.0.0', () => server.close(() => answer(undefined)));
  });
  return {
    name: 'port',
    state: taken === undefined ? 'ok' : 'warning',
    found: taken === undefined ? `${port} is free` : `${port}: ${taken}`,
    advice: taken === undefined ? '' : 'another process listens there, or this site runs already',
  };
}

async function checkFolder(home: string): Promise<Check> {
  const folder = await existingAbove(home);
  try {
    await access(folder, constants.W_OK);
    return { name: 'folder', state: 'ok', found: `${folder} is writable`, advice: '' };
  } catch {
    const advice = 'choose another --home or change its owner';
    return { name: 'folder', state: 'failed', found: `${folder} is not writable`, advice };
  }
}

/** Config and keys of the site that lies there, if one does. */
async function checkSite(home: string, passphrase?: Uint8Array): Promise<Check> {
  try {
    const { role } = summaryOf(await openSiteFolder(home, passphrase));
    return { name: 'site', state: 'ok', found: `a ${role}'s config and keys`, advice: '' };
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    if (error.code === 'locked-key-file') {
      const found = "a site's config; its keys are encrypted and were not opened";
      return { name: 'site', state: 'ok', found, advice: '' };
    }
    const isThere = await access(join(home, CONFIG_FILE)).then(
      () => true,
      () => false,
    );
    if (isThere) {
      const advice = 'nothing starts on this folder until that is put right';
      return { name: 'site', state: 'failed', found: error.message, advice };
    }
    const advice = 'create one with "starling init" when you need it';
    return { name: 'site', state: 'ok', found: `none in ${home}`, advice };
  }
}

/** Of a coordinator only. */
async function checkLog(home: string): Promise<Check[]> {
  const config = await readConfig(home).catch(() => undefined);
  if (config?.role !== 'coordinator') return [];
  const { detail, kind, reachable, where } = await lookAtLog(home, config.log);
  const missing = kind === 'nats' ? 'start the servers, or correct "log" in config.json' : RESTORE;
  const found = `${kind}: ${where}; ${detail}`;
  const state = reachable ? 'ok' : 'failed';
  return [{ name: 'log', state, found, advice: reachable ? '' : missing }];
}

async function configuredPort(home: string): Promise<number> {
  const config = await readConfig(home).catch(() => undefined);
  const match = /\/tcp\/(\d+)/.exec(config?.listen[0] ?? '');
  return match === null ? COORDINATOR_PORT : Number(match[1]);
}

async function existingAbove(path: string): Promise<string> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const found = await access(folder).then(
      () => true,
      () => false,
    );
    if (found || dirname(folder) === folder) return folder;
  }
}
