// One libp2p node as Starling wants it: TCP, TLS with the hybrid group, yamux, identify, ping and
// gossipsub. Nothing else is spoken.

import { type GossipSubComponents, gossipsub } from '@chainsafe/libp2p-gossipsub';
import { identify } from '@libp2p/identify';
import { ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { tls } from '@libp2p/tls';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { ADMIT_CONNECTION, type TransportId, transportIdSchema } from '@starling/shared';
import { createLibp2p } from 'libp2p';
import type { Admissions } from './admission.ts';
import { gatedRegistrar } from './gossip-gate.ts';
import { gossipSettings } from './gossip-settings.ts';
import { restrictTlsGroups } from './tls-group.ts';
import { readTransportKey } from './transport-key.ts';

/** Limits of the channel; each is checked by libp2p. */
export interface Libp2pLimits {
  readonly connectionsMax: number;
  /** Connections one host may open per second, and how many may be half open. */
  readonly inboundPerSecondMax: number;
  readonly inboundPendingMax: number;
  readonly dialTimeoutMs: number;
  /** A neighbour is pinged this often; one that stays silent for the timeout is cut off. */
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  /** Streams of one protocol in one connection and direction. */
  readonly streamsPerProtocolMax: number;
  /** Bytes in flight on one stream before the reader acknowledges; a chunk fits. */
  readonly streamWindowBytes: number;
}

export const LIBP2P_LIMITS: Libp2pLimits = Object.freeze({
  connectionsMax: 256,
  inboundPerSecondMax: 64,
  inboundPendingMax: 64,
  dialTimeoutMs: 10_000,
  pingIntervalMs: 10_000,
  pingTimeoutMs: 10_000,
  streamsPerProtocolMax: 128,
  streamWindowBytes: 1024 * 1024,
});

export interface Libp2pNodeOptions {
  /** Ed25519, from `generateTransportKey`. */
  readonly privateKey: Uint8Array;
  /** For instance `/ip4/0.0.0.0/tcp/4001`. */
  readonly listen: readonly string[];
  /** Addresses told to others instead of the listening ones, behind a port mapping. */
  readonly announce: readonly string[];
  /** Names the federation in topic names: `starling/<topicPrefix>/<topic>`. */
  readonly topicPrefix: string;
  readonly limits: Libp2pLimits;
}

/** What the node asks about a peer, anew each time. */
export interface PeerJudge {
  readonly admissions: Admissions;
  /** Points off the peer's gossip score. */
  readonly penaltyOf: (peer: TransportId) => number;
}

export type Libp2pNode = Awaited<ReturnType<typeof startLibp2pNode>>;

/** Starts listening. */
export async function startLibp2pNode(options: Libp2pNodeOptions, judge: PeerJudge) {
  restrictTlsGroups();
  const { admissions, penaltyOf } = judge;
  const { limits } = options;
  const settings = gossipSettings(options.topicPrefix, admissions, penaltyOf);
  const denies = (peer: { toString(): string }): boolean => !admits(peer, admissions);
  return createLibp2p({
    privateKey: readTransportKey(options.privateKey),
    addresses: { listen: [...options.listen], announce: [...options.announce] },
    transports: [tcp({ dialOpts: { noDelay: true }, listenOpts: { noDelay: true } })],
    connectionEncrypters: [tls()],
    streamMuxers: [
      yamux({
        streamOptions: {
          initialStreamWindowSize: limits.streamWindowBytes,
          maxStreamWindowSize: 16 * limits.streamWindowBytes,
        },
      }),
    ],
    connectionGater: {
      denyDialMultiaddr: () => false,
      denyDialPeer: denies,
      denyInboundEncryptedConnection: denies,
      denyOutboundEncryptedConnection: denies,
    },
    connectionManager: {
      maxConnections: limits.connectionsMax,
      inboundConnectionThreshold: limits.inboundPerSecondMax,
      maxIncomingPendingConnections: limits.inboundPendingMax,
      dialTimeout: limits.dialTimeoutMs,
      addressDialTimeout: limits.dialTimeoutMs,
      reconnectRetries: 0,
    },
    connectionMonitor: {
      enabled: true,
      pingInterval: limits.pingIntervalMs,
      pingTimeout: { minTimeout: limits.pingTimeoutMs, maxTimeout: 2 * limits.pingTimeoutMs },
      abortConnectionOnPingFailure: true,
    },
    services: {
      identify: identify(),
      ping: ping(),
      gossip: (components: GossipSubComponents) => {
        const { connectionManager, logger, peerId, peerStore, privateKey } = components;
        const registrar = gatedRegistrar(components.registrar, admissions);
        const gated = { connectionManager, logger, peerId, peerStore, privateKey, registrar };
        return gossipsub(settings)(gated);
      },
    },
  });
}

/** The peer id at the end of an address. @throws {TypeError} when there is none. */
export function peerOfAddress(address: string): TransportId {
  const peer = multiaddr(address)
    .getComponents()
    .findLast((component) => component.name === 'p2p')?.value;
  const parsed = transportIdSchema.safeParse(peer);
  if (!parsed.success) throw new TypeError(`"${address}" does not end in /p2p/<peer id>`);
  return parsed.data;
}

function admits(peer: { toString(): string }, admissions: Admissions): boolean {
  const id = transportIdSchema.safeParse(peer.toString());
  return id.success && admissions.admits({ peer: id.data, use: ADMIT_CONNECTION });
}
