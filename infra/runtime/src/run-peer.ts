// A site's process: its stores, its channel, its trainer, its local API.

import { join } from 'node:path';
import {
  keepConnected,
  openSqlitePeerStore,
  PEER_STORE_FILE,
  SystemClock,
} from '@starling/adapters';
import { openInvitation } from '@starling/crypto';
import {
  Collection,
  type Document,
  joinFederation,
  Peer,
  PeerError,
  type PeerStatus,
  PrivacyBudget,
} from '@starling/peer';
import { type FederationId, type Logger, Sequence, type TrainingTask } from '@starling/shared';
import { createWorkerTrainer } from '@starling/training';
import { copyStores } from './backup/store-copies.ts';
import { readAppFolder } from './federated/app/app-folder.ts';
import { openInstalledApp } from './federated/site-app/installed-app.ts';
import { peerApi } from './local-api/peer-api.ts';
import { serveLocally } from './local-api/serve-locally.ts';
import { adoptNextKeys, openNextKeys } from './next-keys.ts';
import { openWorld } from './open-world.ts';
import { changePrivacyLimit, type PrivacyChange } from './privacy-limit-file.ts';
import { type PeerConfig, readConfig } from './site-config.ts';
import { openSiteFolder, type SiteFolder } from './site-folder.ts';
import type { SiteKeys } from './site-keys.ts';
import { assertPeer, loadMembership } from './stored-membership.ts';

export interface RunningPeer {
  /** Name of the site. */
  readonly name: string;
  status(): PeerStatus;
  stop(): Promise<void>;
}

export interface Joined {
  readonly federation: FederationId;
  readonly name: string;
  readonly members: number;
}

export interface JoinOptions {
  /** Opens encrypted keys; the caller erases it. */
  readonly passphrase?: Uint8Array | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Joins a federation with an invitation's bytes; the coordinator must be reachable.
 * @throws {PeerError} `invalid-invitation`, `join-refused`; {BusError} `unreachable`
 */
export async function joinSite(
  home: string,
  invitation: Uint8Array,
  { passphrase, signal }: JoinOptions = {},
): Promise<Joined> {
  const folder = await openPeerFolder(home, passphrase);
  const federation = federationOf(invitation);
  const store = openSqlitePeerStore(home);
  try {
    const world = await openWorld(folder, federation);
    try {
      const sequence = await Sequence.open(world.clock, store);
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

/**
 * Starts the peer of a folder and serves its local API until `stop`. Once a roster lists new keys
 * that wait in the folder, it starts again under those by itself.
 * @param app - in place of the config's
 */
export async function runPeer(
  home: string,
  passphrase?: Uint8Array,
  app?: PeerConfig['app'],
): Promise<RunningPeer> {
  const folder = withApp(await openPeerFolder(home, passphrase), app);
  // Opened now: the passphrase is erased when the site runs.
  const next = await openNextKeys(home, folder, passphrase);
  const started = Promise.withResolvers<void>();
  let isStopped = false;
  let swapping: Promise<void> | undefined;
  const swap = async (keys: SiteKeys): Promise<void> => {
    await started.promise;
    await serving.stop();
    await adoptNextKeys(home);
    if (!isStopped) serving = await servePeer({ ...folder, ...keys });
  };
  const onInForce = (keys: SiteKeys): void => {
    // When it fails the process ends: without a channel it is of no use, and a start asks again.
    swapping ??= swap(keys);
  };
  let serving = await servePeer(folder, next && { keys: next, onInForce: () => onInForce(next) });
  started.resolve();
  const config = folder.config as PeerConfig;
  return {
    name: config.site,
    status: () => serving.status(),
    stop: async () => {
      isStopped = true;
      await swapping;
      await serving.stop();
    },
  };
}

interface Waiting {
  readonly keys: SiteKeys;
  onInForce(): void;
}

async function servePeer(folder: SiteFolder, waiting?: Waiting): Promise<RunningPeer> {
  const { home } = folder;
  const config = folder.config as PeerConfig;
  // What was opened before a failure is closed, or the process would stay.
  await using opened = new AsyncDisposableStack();
  const store = opened.adopt(openSqlitePeerStore(home), (it) => it.stop());
  const membership = await loadMembership(store, home);
  const world = opened.adopt(await openWorld(folder, membership.federation), (it) => it.stop());
  const trainer = opened.adopt(createWorkerTrainer(config.training.engine), (it) => it.stop());
  const privacy = await PrivacyBudget.open(store, config.privacy);
  const nextKeys = waiting && { ...waiting.keys, onInForce: () => waiting.onInForce() };
  const app = await installedApp(config, membership.genesis.task, world.logger);
  if (app !== undefined) opened.adopt(app, (it) => it.stop());
  const peer = await Peer.start(
    {
      ...world,
      ...(app === undefined ? {} : { app }),
      indexFolder: join(home, 'index'),
      ...(nextKeys === undefined ? {} : { nextKeys }),
      privacy,
      store,
      trainer,
    },
    {
      republishMs: config.republishMs,
      generationIntervalMs: config.generationIntervalMs,
      indexRecallTarget: config.indexRecallTarget,
      baselines: config.baselines ?? undefined,
      sessionPolicy: config.secagg,
      patterns: config.patterns,
      report: config.report,
    },
  );
  opened.adopt(peer, (it) => it.stop());
  world.followRound(() => peer.round);
  const moved = config.coordinator.length > 0;
  const addresses = moved ? config.coordinator : peer.coordinatorAddresses;
  opened.adopt(keepConnected(world, addresses), (it) => it.stop());
  const { logger, meter } = world;
  const limitPrivacy = (change: PrivacyChange) => changePrivacyLimit(home, change);
  const connected = () => world.bus.connected();
  const copies = () => copyStores(home, { stores: { [PEER_STORE_FILE]: store } });
  const parts = { connected, copyStores: copies, limitPrivacy, logger, meter, peer, privacy };
  opened.adopt(await serveLocally(home, 'peer', (token) => peerApi({ ...parts, token })), (it) =>
    it.stop(),
  );
  const running = opened.move();
  return { name: config.site, status: () => peer.status(), stop: () => running.disposeAsync() };
}

function withApp(folder: SiteFolder, app: PeerConfig['app'] | undefined): SiteFolder {
  const { config } = folder;
  if (app === undefined || config.role !== 'peer') return folder;
  return { ...folder, config: { ...config, app } };
}

/** The app of the config, where the federation trains one. */
async function installedApp({ app, site }: PeerConfig, task: TrainingTask, logger: Logger) {
  if (app === null || task.app === null) return undefined;
  const { folder, node: nodeConfig } = app;
  return openInstalledApp({
    app: await readAppFolder(folder),
    logger,
    node: site,
    nodeConfig,
    task,
  });
}

/** Adds documents to a site that is not running. @returns how many are new */
export async function addDocumentsOffline(
  home: string,
  documents: readonly Omit<Document, 'id'>[],
): Promise<number> {
  assertPeer(home, await readConfig(home));
  const store = openSqlitePeerStore(home);
  try {
    const { encoder, seed } = (await loadMembership(store, home)).genesis.task;
    const collection = await Collection.open(store, encoder.buckets, seed);
    return await collection.add(documents);
  } finally {
    await store.stop();
  }
}

async function openPeerFolder(home: string, passphrase?: Uint8Array): Promise<SiteFolder> {
  const folder = await openSiteFolder(home, passphrase);
  assertPeer(home, folder.config);
  return folder;
}

function federationOf(invitation: Uint8Array): FederationId {
  const opened = openInvitation(invitation, new SystemClock().nowMs());
  if (opened.ok) return opened.value.federation;
  const message = `the invitation does not hold (${opened.refusal.detail}): ask for a new one`;
  throw new PeerError('invalid-invitation', message);
}
