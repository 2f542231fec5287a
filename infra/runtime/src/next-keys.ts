// New keys of a site: written beside the old ones, asked for while the site runs under those, and
// put in their place by a rename once a roster lists them. A crash in between changes nothing: the
// next start finds the files as they are and asks again.

import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { channelKeyOf, SystemClock } from '@starling/adapters';
import { createIdentity } from '@starling/crypto';
import type { MemberId, TransportId } from '@starling/shared';
import { RuntimeError } from './runtime-error.ts';
import { readConfig } from './site-config.ts';
import {
  createIdentityFile,
  createTransportFile,
  IDENTITY_FILE,
  IDENTITY_NEXT_FILE,
  openIdentitySeed,
  openSiteKeys,
  openTransportKey,
  readKeyFiles,
  type SiteKeys,
  TRANSPORT_FILE,
  TRANSPORT_NEXT_FILE,
} from './site-keys.ts';

const SWAPS = [
  { next: IDENTITY_NEXT_FILE, now: IDENTITY_FILE },
  { next: TRANSPORT_NEXT_FILE, now: TRANSPORT_FILE },
] as const;

export type RotatedKey = 'identity' | 'transport';

export interface KeyRotation {
  readonly key: RotatedKey;
  readonly file: string;
  readonly from: MemberId | TransportId;
  readonly to: MemberId | TransportId;
}

/**
 * Makes the next member's key of a site, or its next channel key; encrypted when the present one is.
 * It takes effect at the site's next start, once a roster lists it.
 * @throws {RuntimeError} `not-a-site` for a coordinator's folder, `folder-exists` when one waits
 * already, and as {@link openSiteKeys}
 */
export async function makeNextKey(
  home: string,
  key: RotatedKey,
  passphrase?: Uint8Array,
): Promise<KeyRotation> {
  const config = await readConfig(home);
  if (config.role !== 'peer') {
    const message = `${home} is a coordinator's folder: the genesis and every site name its keys, they stay`;
    throw new RuntimeError('not-a-site', message);
  }
  const present = await openSiteKeys(home, passphrase);
  const { isEncrypted } = (await readKeyFiles(home))[key];
  const file = join(home, key === 'identity' ? IDENTITY_NEXT_FILE : TRANSPORT_NEXT_FILE);
  if (existsSync(file)) {
    const message = `${file} waits already: start the site, which asks for it, or remove the file`;
    throw new RuntimeError('folder-exists', message);
  }
  const lock = isEncrypted ? passphrase : undefined;
  const nowMs = new SystemClock().nowMs();
  if (key === 'identity') {
    const { member } = await createIdentityFile(file, nowMs, lock);
    return { key, file, from: present.identity.member, to: member };
  }
  const { transportId } = channelKeyOf(await createTransportFile(file, nowMs, lock));
  return { key, file, from: present.transportId, to: transportId };
}

/** The keys as they shall be; undefined when none wait. @throws as {@link openSiteKeys} */
export async function openNextKeys(
  home: string,
  present: SiteKeys,
  passphrase?: Uint8Array,
): Promise<SiteKeys | undefined> {
  const [hasIdentity, hasTransport] = SWAPS.map(({ next }) => existsSync(join(home, next)));
  if (!hasIdentity && !hasTransport) return undefined;
  let next = present;
  if (hasIdentity) {
    const seed = await openIdentitySeed(home, passphrase, IDENTITY_NEXT_FILE);
    next = { ...next, identity: createIdentity(seed) };
    seed.fill(0);
  }
  if (hasTransport) {
    const transportKey = await openTransportKey(home, passphrase, TRANSPORT_NEXT_FILE);
    const channelKey = channelKeyOf(transportKey);
    next = { ...next, transportKey, channelKey, transportId: channelKey.transportId };
  }
  return next;
}

/** Puts the next keys in the place of the present ones, each file at once. */
export async function adoptNextKeys(home: string): Promise<void> {
  for (const { next, now } of SWAPS) {
    if (existsSync(join(home, next))) await rename(join(home, next), join(home, now));
  }
}
