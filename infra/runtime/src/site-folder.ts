// A site is a folder: config, two private keys that only the owner reads, stores, index, payloads.

import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { channelKeyOf, generateTransportKey, SystemClock } from '@starling/adapters';
import {
  type ChannelKey,
  createIdentity,
  decodeKeyFile,
  encodeKeyFile,
  generateSeed,
  type Identity,
} from '@starling/crypto';
import type { MemberId, TransportId } from '@starling/shared';
import { RuntimeError } from './runtime-error.ts';
import {
  CONFIG_FILE,
  parseConfig,
  readConfig,
  type SiteConfig,
  type SiteConfigInput,
  writeConfig,
} from './site-config.ts';

const IDENTITY_FILE = 'identity.key';
const TRANSPORT_FILE = 'transport.key';
const OWNER_ONLY = 0o600;

export interface SiteFolder {
  readonly home: string;
  readonly config: SiteConfig;
  readonly identity: Identity;
  /** Ed25519 private key of the channel. */
  readonly transportKey: Uint8Array;
  /** The same key where the site signs with it. */
  readonly channelKey: ChannelKey;
}

export interface SiteSummary {
  readonly home: string;
  readonly role: SiteConfig['role'];
  readonly member: MemberId;
  readonly transportId: TransportId;
}

/**
 * Creates keys, config and folder of a new site or coordinator.
 * @throws {RuntimeError} `folder-exists` when the folder holds anything
 */
export async function createSiteFolder(home: string, config: SiteConfigInput): Promise<SiteFolder> {
  // Before anything is written: a refused config must not leave half a site.
  parseConfig(config, 'the options');
  await makeEmptyFolder(home);
  const seed = generateSeed();
  const createdAtMs = new SystemClock().nowMs();
  const transport = await generateTransportKey();
  await writeSecret(join(home, IDENTITY_FILE), encodeKeyFile({ seed, createdAtMs }));
  const encoded = Buffer.from(transport.key).toString('base64url');
  await writeSecret(join(home, TRANSPORT_FILE), `${encoded}\n`);
  await writeConfig(home, config);
  return openSiteFolder(home);
}

/** @throws {RuntimeError} `not-a-site`, `invalid-config`, `unsafe-key-file` */
export async function openSiteFolder(home: string): Promise<SiteFolder> {
  const config = await readConfig(home);
  const identityPath = join(home, IDENTITY_FILE);
  const transportPath = join(home, TRANSPORT_FILE);
  const identityText = await readSecret(identityPath);
  const transportText = await readSecret(transportPath);
  const identity = undamaged(identityPath, () => createIdentity(decodeKeyFile(identityText).seed));
  const transportKey = new Uint8Array(Buffer.from(transportText.trim(), 'base64url'));
  const channelKey = undamaged(transportPath, () => channelKeyOf(transportKey));
  return { home, config, identity, transportKey, channelKey };
}

function undamaged<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new RuntimeError('not-a-site', `${path} is damaged: restore it from a backup`, { cause });
  }
}

async function makeEmptyFolder(home: string): Promise<void> {
  let entries: string[];
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    entries = await readdir(home);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `${home} cannot be made (${detail}): choose another --home`;
    throw new RuntimeError('invalid-option', message, { cause });
  }
  if (entries.length === 0) return;
  const what = entries.includes(CONFIG_FILE) ? 'holds a site already' : 'is not empty';
  throw new RuntimeError('folder-exists', `${home} ${what}: choose a new folder`);
}

export function summaryOf(folder: SiteFolder): SiteSummary {
  const { home, config, identity, channelKey } = folder;
  const { transportId } = channelKey;
  return { home, role: config.role, member: identity.member, transportId };
}

/** Names of the folders below `folder`, sorted. */
export async function siteNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: OWNER_ONLY, flag: 'wx' });
}

async function readSecret(path: string): Promise<string> {
  let mode: number;
  try {
    mode = (await stat(path)).mode & 0o777;
  } catch (cause) {
    throw new RuntimeError('not-a-site', `${path} is missing: restore it from a backup`, { cause });
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    const shown = mode.toString(8);
    const message = `${path} is readable by others (mode ${shown}): run "chmod 600 ${path}"`;
    throw new RuntimeError('unsafe-key-file', message);
  }
  return readFile(path, 'utf8');
}
