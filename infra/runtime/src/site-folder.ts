// A site is a folder: config, two private keys that only the owner reads, stores, index, payloads.

import { mkdir, readdir } from 'node:fs/promises';
import { SystemClock } from '@starling/adapters';
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
import { assertPassphrase, createSiteKeys, openSiteKeys, type SiteKeys } from './site-keys.ts';

export interface SiteFolder extends SiteKeys {
  readonly home: string;
  readonly config: SiteConfig;
}

export interface SiteSummary {
  readonly home: string;
  readonly role: SiteConfig['role'];
  readonly member: MemberId;
  readonly transportId: TransportId;
}

/**
 * Creates keys, config and folder of a new site or coordinator; the keys are encrypted when a
 * passphrase is given.
 * @throws {RuntimeError} `folder-exists` when the folder holds anything, `invalid-option` for a
 * passphrase that is too short
 */
export async function createSiteFolder(
  home: string,
  config: SiteConfigInput,
  passphrase?: Uint8Array,
): Promise<SiteFolder> {
  // Before anything is written: a refused config must not leave half a site.
  parseConfig(config, 'the options');
  assertPassphrase(passphrase);
  await makeEmptyFolder(home);
  const keys = await createSiteKeys(home, new SystemClock().nowMs(), passphrase);
  await writeConfig(home, config);
  return { home, config: await readConfig(home), ...keys };
}

/**
 * Opens a folder and its keys; the passphrase is the caller's to erase.
 * @throws {RuntimeError} `not-a-site`, `invalid-config`, `unsafe-key-file`, `locked-key-file`,
 * `wrong-passphrase`
 */
export async function openSiteFolder(home: string, passphrase?: Uint8Array): Promise<SiteFolder> {
  const config = await readConfig(home);
  return { home, config, ...(await openSiteKeys(home, passphrase)) };
}

/** @throws {RuntimeError} `folder-exists` when it holds anything, `invalid-option` */
export async function makeEmptyFolder(home: string): Promise<void> {
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
