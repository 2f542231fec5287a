// MessageBus over libp2p 3. gossipsub carries gossip, one stream per request carries the rest.

import type { Connection, Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import {
  type AdmissionRule,
  type BusConnection,
  BusError,
  type Cancel,
  GOSSIP_TOPICS,
  type GossipHandler,
  type GossipTopic,
  type HandlerOptions,
  type Logger,
  type MessageBus,
  NO_LOGGER,
  type RefusalReason,
  type RequestHandler,
  type RequestOptions,
  refusal,
  type TransportId,
  transportIdSchema,
} from '@starling/shared';
import { Admissions } from './admission.ts';
import {
  assertGossipSize,
  assertProtocol,
  HANDLER_CONCURRENT_MAX,
  HANDLER_WAITING_MAX,
  REQUEST_TIMEOUT_MS,
} from './bus-limits.ts';
import { topicName } from './gossip-settings.ts';
import { gossipValidator } from './gossip-validator.ts';
import { Libp2pConnections } from './libp2p-connections.ts';
import {
  LIBP2P_LIMITS,
  type Libp2pLimits,
  type Libp2pNode,
  peerOfAddress,
  startLibp2pNode,
} from './libp2p-node.ts';
import { PeerPenalties } from './peer-penalties.ts';
import { Places } from './places.ts';
import { answerOnStream, asError, askOnStream } from './request-stream.ts';
import { TopicHandlers } from './topic-handlers.ts';

export interface Libp2pBusOptions {
  /** Ed25519, from `generateTransportKey`. */
  readonly privateKey: Uint8Array;
  /** Names the federation in topic names: `starling/<topicPrefix>/<topic>`. */
  readonly topicPrefix: string;
  /** Where to listen; every interface on a free port unless told otherwise. */
  readonly listen?: readonly string[];
  /** Addresses told to others instead of the listening ones, behind a port mapping. */
  readonly announce?: readonly string[];
  readonly limits?: Partial<Libp2pLimits>;
  readonly logger?: Logger;
}

const LISTEN_ANYWHERE = ['/ip4/0.0.0.0/tcp/0'] as const;

/** Starts a node and returns its bus, listening and connected to nobody. */
export async function startLibp2pBus(options: Libp2pBusOptions): Promise<Libp2pBus> {
  const admissions = new Admissions();
  const penalties = new PeerPenalties(() => performance.now());
  const node = await startLibp2pNode(
    {
      privateKey: options.privateKey,
      listen: options.listen ?? LISTEN_ANYWHERE,
      announce: options.announce ?? [],
      topicPrefix: options.topicPrefix,
      limits: { ...LIBP2P_LIMITS, ...options.limits },
    },
    { admissions, penaltyOf: (peer) => penalties.of(peer) },
  );
  return new Libp2pBus(node, admissions, penalties, options);
}

/** Made by {@link startLibp2pBus}. */
export class Libp2pBus implements MessageBus {
  readonly self: TransportId;
  readonly #node: Libp2pNode;
  readonly #admissions: Admissions;
  readonly #connections: Libp2pConnections;
  readonly #penalties: PeerPenalties;
  readonly #prefix: string;
  readonly #streamsMax: number;
  readonly #logger: Logger;
  readonly #topics = new TopicHandlers();
  readonly #stopping = new AbortController();

  constructor(
    node: Libp2pNode,
    admissions: Admissions,
    penalties: PeerPenalties,
    options: Libp2pBusOptions,
  ) {
    this.#node = node;
    this.#admissions = admissions;
    this.#penalties = penalties;
    this.#prefix = options.topicPrefix;
    this.#streamsMax = options.limits?.streamsPerProtocolMax ?? LIBP2P_LIMITS.streamsPerProtocolMax;
    this.#logger = options.logger ?? NO_LOGGER;
    this.#connections = new Libp2pConnections(node, admissions, this.#logger);
    this.self = transportIdSchema.parse(node.peerId.toString());
  }

  addresses(): readonly string[] {
    return this.#node.getMultiaddrs().map((address) => address.toString());
  }

  async connect(address: string, signal?: AbortSignal): Promise<TransportId> {
    this.#assertRunning();
    const peer = peerOfAddress(address);
    try {
      await this.#node.dial(multiaddr(address), signal === undefined ? {} : { signal });
      return peer;
    } catch (cause) {
      throw new BusError('unreachable', `no connection to ${address}`, { cause });
    }
  }

  connected(): readonly TransportId[] {
    return this.#node.getPeers().map((peer) => peer.toString() as TransportId);
  }

  connections(): readonly BusConnection[] {
    return this.#connections.list();
  }

  onConnectionChange(listener: () => void): Cancel {
    return this.#connections.onChange(listener);
  }

  meshPeers(): readonly TransportId[] {
    // Present in gossipsub 17, missing in its interface.
    const gossip = this.#node.services.gossip as unknown as {
      getMeshPeers(topic: string): TransportId[];
    };
    const names = GOSSIP_TOPICS.map((topic) => topicName(this.#prefix, topic));
    return [...new Set(names.flatMap((name) => gossip.getMeshPeers(name)))];
  }

  async publish(topic: GossipTopic, bytes: Uint8Array): Promise<number> {
    this.#assertRunning();
    assertGossipSize(bytes);
    const name = topicName(this.#prefix, topic);
    const { recipients } = await this.#node.services.gossip.publish(name, bytes);
    return recipients.length;
  }

  subscribe(topic: GossipTopic, handler: GossipHandler): Cancel {
    this.#assertRunning();
    const name = topicName(this.#prefix, topic);
    const { gossip } = this.#node.services;
    return this.#topics.add(
      topic,
      handler,
      () => {
        const logger = this.#logger;
        const judges = { admissions: this.#admissions, topics: this.#topics, logger };
        gossip.topicValidators.set(name, gossipValidator(topic, judges));
        gossip.subscribe(name);
      },
      () => {
        gossip.topicValidators.delete(name);
        if (!this.#stopping.signal.aborted) gossip.unsubscribe(name);
      },
    );
  }

  async request(
    to: TransportId,
    protocol: string,
    bytes: Uint8Array,
    options: RequestOptions,
  ): Promise<Uint8Array> {
    this.#assertRunning();
    assertProtocol(protocol);
    const signal = AbortSignal.any([
      options.signal ?? AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      this.#stopping.signal,
    ]);
    const { connection } = options;
    const stream = await this.#connections.stream(to, protocol, wireProtocol(protocol), {
      signal,
      streamsMax: this.#streamsMax,
      ...(connection === undefined ? {} : { connection }),
    });
    return askOnStream(stream, bytes, options.answerBytesMax, signal);
  }

  handle(protocol: string, handler: RequestHandler, options: HandlerOptions): Cancel {
    this.#assertRunning();
    assertProtocol(protocol);
    const name = wireProtocol(protocol);
    const places = new Places(options.concurrentMax ?? HANDLER_CONCURRENT_MAX, HANDLER_WAITING_MAX);
    const stopped = this.#stopping.signal;
    const serve = async (stream: Stream, { id, remotePeer }: Connection): Promise<void> => {
      const from = remotePeer.toString() as TransportId;
      const onFault = (error: Error): void =>
        this.#logger.debug('request refused', { protocol, from, error: error.message });
      const ask = { peer: from, use: protocol, connection: id };
      if (!(await this.#admissions.decided(ask, { signal: stopped }))) {
        const error = new Error(`${from} is not admitted to ${protocol}`);
        stream.abort(error);
        onFault(error);
        return;
      }
      const answer = (request: Uint8Array) => places.use(() => handler(request, from, id));
      await answerOnStream(stream, options.requestBytesMax, stopped, answer, onFault);
    };
    const streams = { maxInboundStreams: this.#streamsMax, maxOutboundStreams: this.#streamsMax };
    this.#node.handle(name, serve, streams).catch((error: unknown) => {
      this.#logger.error('protocol not registered', { protocol, error: asError(error).message });
    });
    return () => void this.#node.unhandle(name).catch(() => undefined);
  }

  admitOnly(rule: AdmissionRule): void {
    this.#admissions.set(rule);
    this.#connections.closeRefused();
  }

  penalise(peer: TransportId, reason: RefusalReason): void {
    if (refusal(reason, '').kind === 'ignore') return;
    this.#penalties.add(peer);
    this.#logger.info('peer penalised', { peer: peer.slice(-8), reason });
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort(new BusError('stopped', 'the bus was stopped'));
    await this.#node.stop();
  }

  /** The gossipsub score of a peer; it falls with every message that a handler rejected. */
  scoreOf(peer: TransportId): number {
    // Present in gossipsub 17, missing in its interface.
    const scored = this.#node.services.gossip as unknown as { getScore(peer: string): number };
    return scored.getScore(peer);
  }

  #assertRunning(): void {
    if (this.#stopping.signal.aborted) throw new BusError('stopped', 'the bus was stopped');
  }
}

function wireProtocol(protocol: string): string {
  return `/starling/${protocol}/1.0.0`;
}
