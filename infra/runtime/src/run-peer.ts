// A site's process: its stores, its channel, its trainer, its local API.

import { join } from 'node:path';
import { keepConnected, openSqlitePeerStore } from '@starling/adapters';
import { openInvitation } from '@starling/crypto';
import { Collection, type Document, joinFederation, Peer, SiteMembership } from '@starling/peer';
import { type PeerStatus } from '@starling/peer';
import { type FederationId, type PeerStore, Sequence } from '@starling/shared';
import { createWorkerTrainer } from '@starling/training';
import { peerApi } from './local-api/peer-api.ts';
import { serveLocally } from './local-api/serve-locally.ts';
import { openWorld } from './open-world.ts';
import { RuntimeError } from './runtime-error.ts';
import type { PeerConfig } from './site-config.ts';
import { openSiteFolder, type SiteFolder } from './site-folder.ts';

export interface RunningPeer {
  status(): PeerStatus;
  stop(): Promise<void>;
}

export interface Joined {
  readonly federation: FederationId;
  readonly name: string;
  readonly members: number;
}

/**
 * Joins a federation with an invitation's bytes; the coordinator must be reachable.
 * @throws {PeerError} `invalid-invitation`, `join-refused`; {BusError} `unreachable`
 */
export async function joinSite(
  home: string,
  invitation: Uint8Array,
  signal?: AbortSignal,
): Promise<Joined> {
  const folder = await openPeerFolder(home);
  const store = openSqlitePeerStore(home);
  try {
    const world = await openWorld(folder, federationOf(invitation));
    try {
      const sequence = new Sequence(world.clock);
      const member = await joinFederation({ ...world, store }, sequence, invitation, signal);
      return {
        federation: member.federation,
        name: member.genesis.name,
        members: member.peers.length,
      };
    } finally {
      await world.stop();
    }
  } finally {
    await store.stop();
  }
}

/** Starts the peer of a folder and serves its local API until `stop`. */
export async function runPeer(home: string): Promise<RunningPeer> {
  const folder = await openPeerFolder(home);
  const config = folder.config as PeerConfig;
  const store = openSqlitePeerStore(home);
  const membership = await loadMembership(store);
  const world = await openWorld(folder, membership.federation);
  const peer = await Peer.start(
    {
      ...world,
      indexFolder: join(home, 'index'),
      store,
      trainer: createWorkerTrainer(),
    },
    {
      republishMs: config.republishMs,
      generationIntervalMs: config.generationIntervalMs,
      indexRecallTarget: config.indexRecallTarget,
      baselines: config.baselines ?? undefined,
    },
  );
  const keeper = keepConnected(world, peer.coordinatorAddresses);
  const server = await serveLocally(home, (token) => peerApi({ peer, meter: world.meter, token }));
  return {
    status: () => peer.status(),
    stop: async () => {
      await server.stop();
      keeper.stop();
      await peer.stop();
      await world.stop();
      await store.stop();
    },
  };
}

/** Adds documents to a site that is not running. @returns how many are new */
export async function addDocumentsOffline(
  home: string,
  documents: readonly Omit<Document, 'id'>[],
): Promise<number> {
  await openPeerFolder(home);
  const store = openSqlitePeerStore(home);
  try {
    const { encoder, seed } = (await SiteMembership.load(store)).genesis.task;
    const collection = await Collection.open(store, encoder.buckets, seed);
    return await collection.add(documents);
  } finally {
    await store.stop();
  }
}

async function loadMembership(store: PeerStore): Promise<SiteMembership> {
  try {
    return await SiteMembership.load(store);
  } catch (error) {
    await store.stop();
    throw error;
  }
}

async function openPeerFolder(home: string): Promise<SiteFolder> {
  const folder = await openSiteFolder(home);
  if (folder.config.role === 'peer') return folder;
  const message = `${home} is a coordinator's folder: use "starling coordinator start"`;
  throw new RuntimeError('not-a-site', message);
}

function federationOf(invitation: Uint8Array): FederationId {
  const opened = openInvitation(invitation, 0);
  // An expired or forged invitation is judged by joinFederation, with the real time.
  return opened.ok ? opened.value.federation : ('0'.repeat(64) as FederationId);
}
