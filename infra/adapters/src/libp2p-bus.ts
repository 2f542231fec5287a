// MessageBus over libp2p 3. gossipsub carries gossip, one stream per request carries the rest.

import type { Message, TopicValidatorFn } from '@chainsafe/libp2p-gossipsub';
import { TopicValidatorResult } from '@chainsafe/libp2p-gossipsub';
import type { Connection, Stream } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import {
  BusError,
  type Cancel,
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
  type Verdict,
} from '@starling/shared';
import { ADMIT_ALL, ADMIT_CONNECTION, ADMIT_GOSSIP, type IsAdmitted } from './admission.ts';
import {
  assertGossipSize,
  assertProtocol,
  GOSSIP_BYTES_MAX,
  HANDLER_CONCURRENT_MAX,
  HANDLER_WAITING_MAX,
  REQUEST_TIMEOUT_MS,
} from './bus-limits.ts';
import { topicName } from './gossip-settings.ts';
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
  const admission: Admission = { isAdmitted: ADMIT_ALL };
  const penalties = new PeerPenalties(() => performance.now());
  const node = await startLibp2pNode(
    {
      privateKey: options.privateKey,
      listen: options.listen ?? LISTEN_ANYWHERE,
      announce: options.announce ?? [],
      topicPrefix: options.topicPrefix,
      limits: { ...LIBP2P_LIMITS, ...options.limits },
    },
    {
      isAdmitted: (peer, protocol) => admission.isAdmitted(peer, protocol),
      penaltyOf: (peer) => penalties.of(peer),
    },
  );
  return new Libp2pBus(node, admission, penalties, options);
}

interface Admission {
  isAdmitted: IsAdmitted;
}

/** Made by {@link startLibp2pBus}. */
export class Libp2pBus implements MessageBus {
  readonly self: TransportId;
  readonly #node: Libp2pNode;
  readonly #admission: Admission;
  readonly #penalties: PeerPenalties;
  readonly #prefix: string;
  readonly #streamsMax: number;
  readonly #logger: Logger;
  readonly #topics = new TopicHandlers();
  readonly #stopping = new AbortController();

  constructor(
    node: Libp2pNode,
    admission: Admission,
    penalties: PeerPenalties,
    options: Libp2pBusOptions,
  ) {
    this.#node = node;
    this.#admission = admission;
    this.#penalties = penalties;
    this.#prefix = options.topicPrefix;
    this.#streamsMax = options.limits?.streamsPerProtocolMax ?? LIBP2P_LIMITS.streamsPerProtocolMax;
    this.#logger = options.logger ?? NO_LOGGER;
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

  onConnectionChange(listener: () => void): Cancel {
    const onEvent = (): void => listener();
    this.#node.addEventListener('peer:connect', onEvent);
    this.#node.addEventListener('peer:disconnect', onEvent);
    return () => {
      this.#node.removeEventListener('peer:connect', onEvent);
      this.#node.removeEventListener('peer:disconnect', onEvent);
    };
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
        gossip.topicValidators.set(name, this.#validator(topic));
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
    const stream = await this.#open(to, protocol, signal);
    return askOnStream(stream, bytes, options.answerBytesMax, signal);
  }

  handle(protocol: string, handler: RequestHandler, options: HandlerOptions): Cancel {
    this.#assertRunning();
    assertProtocol(protocol);
    const name = wireProtocol(protocol);
    const places = new Places(options.concurrentMax ?? HANDLER_CONCURRENT_MAX, HANDLER_WAITING_MAX);
    const serve = (stream: Stream, { remotePeer }: Connection): void => {
      const from = remotePeer.toString() as TransportId;
      const onFault = (error: Error): void =>
        this.#logger.debug('request refused', { protocol, from, error: error.message });
      if (!this.#admission.isAdmitted(from, protocol)) {
        const error = new Error(`${from} is not admitted to ${protocol}`);
        stream.abort(error);
        onFault(error);
        return;
      }
      const answer = (request: Uint8Array) => places.use(() => handler(request, from));
      const stopped = this.#stopping.signal;
      void answerOnStream(stream, options.requestBytesMax, stopped, answer, onFault);
    };
    const streams = { maxInboundStreams: this.#streamsMax, maxOutboundStreams: this.#streamsMax };
    this.#node.handle(name, serve, streams).catch((error: unknown) => {
      this.#logger.error('protocol not registered', { protocol, error: asError(error).message });
    });
    return () => void this.#node.unhandle(name).catch(() => undefined);
  }

  admitOnly(isAdmitted: IsAdmitted): void {
    this.#admission.isAdmitted = isAdmitted;
    for (const connection of this.#node.getConnections()) {
      const peer = connection.remotePeer.toString() as TransportId;
      if (isAdmitted(peer, ADMIT_CONNECTION)) continue;
      this.#logger.info('connection closed: no longer admitted', { peer });
      connection.abort(new Error(`${peer} is no longer admitted`));
    }
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

  async #open(to: TransportId, protocol: string, signal: AbortSignal): Promise<Stream> {
    const name = wireProtocol(protocol);
    try {
      const open = this.#node.getConnections(peerIdFromString(to));
      const connection = open.find(({ status }) => status === 'open');
      const limits = { signal, maxOutboundStreams: this.#streamsMax };
      if (connection !== undefined) return await connection.newStream(name, limits);
      return await this.#node.dialProtocol(peerIdFromString(to), name, limits);
    } catch (cause) {
      const isRefused = cause instanceof Error && cause.name === 'UnsupportedProtocolError';
      if (isRefused)
        throw new BusError('request-failed', `${to} does not speak ${name}`, { cause });
      throw new BusError('unreachable', `no stream ${name} to ${to}`, { cause });
    }
  }

  #validator(topic: GossipTopic): TopicValidatorFn {
    return async (peer, message) => {
      const from = peer.toString() as TransportId;
      if (!this.#admission.isAdmitted(from, ADMIT_GOSSIP)) return TopicValidatorResult.Ignore;
      if (message.data.byteLength > GOSSIP_BYTES_MAX) return TopicValidatorResult.Reject;
      const verdict = await this.#topics.judge(topic, message.data, from);
      if (verdict.kind !== 'accept') this.#logRefusal(topic, from, message, verdict);
      return RESULTS[verdict.kind];
    };
  }

  #logRefusal(topic: GossipTopic, from: TransportId, message: Message, verdict: Verdict): void {
    if (verdict.kind === 'accept') return;
    const { kind, reason, detail } = verdict;
    const bytes = message.data.byteLength;
    this.#logger.debug('gossip refused', {
      topic,
      from: from.slice(-8),
      kind,
      reason,
      detail,
      bytes,
    });
  }

  #assertRunning(): void {
    if (this.#stopping.signal.aborted) throw new BusError('stopped', 'the bus was stopped');
  }
}

const RESULTS = Object.freeze({
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
});

function wireProtocol(protocol: string): string {
  return `/starling/${protocol}/1.0.0`;
}
