// What a site's folder says about its place in a federation, read without its keys.

import { PeerError, SiteMembership } from '@starling/peer';
import type { PeerStore } from '@starling/shared';
import { RuntimeError } from './runtime-error.ts';
import type { SiteConfig } from './site-config.ts';

/** @throws {PeerError} `not-a-member` before the site has joined */
export async function loadMembership(store: PeerStore, home: string): Promise<SiteMembership> {
  try {
    return await SiteMembership.load(store);
  } catch (cause) {
    if (!(cause instanceof PeerError) || cause.code !== 'not-a-member') throw cause;
    const message = `${home} has not joined a federation: run "starling join <invitation> --home ${home}"`;
    throw new PeerError('not-a-member', message, { cause });
  }
}

/** @throws {RuntimeError} `not-a-site` for a coordinator's folder */
export function assertPeer(home: string, config: SiteConfig): void {
  if (config.role === 'peer') return;
  const message = `${home} is a coordinator's folder: use "starling coordinator start"`;
  throw new RuntimeError('not-a-site', message);
}
