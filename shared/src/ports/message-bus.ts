// The need for messages: gossip with validation, and request/response to one peer.

import type { TransportId } from '../ids.ts';
import type { Topic } from '../messages/message-definition.ts';
import type { RefusalReason, Verdict } from '../verdict.ts';
import type { Cancel } from './clock.ts';

export type GossipTopic = Exclude<Topic, 'direct'>;

/**
 * Judges one gossiped message. Its verdict decides whether the bus forwards the message and whether
 * the peer that forwarded it loses score. Handlers do not throw; a throw counts as `ignore`.
 */
export type GossipHandler = (bytes: Uint8Array, from: TransportId) => Verdict | Promise<Verdict>;

/** Names one open connection of this bus; no other one ever has the same name. */
export type ConnectionId = string;

export interface BusConnection {
  readonly id: ConnectionId;
  readonly peer: TransportId;
  /** Milliseconds of the newest measured round trip; undefined before one was, or where none is. */
  readonly rttMs?: number | undefined;
}

/** Asked before a connection in either direction opens, and about each that is open. */
export const ADMIT_CONNECTION = 'connection';
/** Asked for gossip in either direction. */
export const ADMIT_GOSSIP = 'gossip';

/** `later`: not before the peer has proved itself on that connection. */
export type Admission = boolean | 'later';

/**
 * Who may do what: asked with the name of a request protocol or one of the two above. Without a
 * connection it says whether any of the peer's connections admits it.
 */
export type AdmissionRule = (
  peer: TransportId,
  use: string,
  connection?: ConnectionId,
) => Admission;

/** Answers one request; throwing resets the stream, the requester sees `BusError`. */
export type RequestHandler = (
  bytes: Uint8Array,
  from: TransportId,
  connection: ConnectionId,
) => Promise<Uint8Array>;

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Largest answer that is read, in bytes. */
  readonly answerBytesMax: number;
  /** Goes through this connection or nowhere; through any one that admits it when absent. */
  readonly connection?: ConnectionId;
}

export interface HandlerOptions {
  /** Largest request that is read, in bytes. */
  readonly requestBytesMax: number;
  /** Requests beyond this number at once wait for a place. */
  readonly concurrentMax?: number;
}

export type BusErrorCode =
  | 'unreachable'
  | 'request-failed'
  | 'answer-too-large'
  | 'message-too-large'
  | 'stopped';

/** A failing world: the other side is away, slow or refuses. */
export class BusError extends Error {
  override readonly name = 'BusError';
  readonly code: BusErrorCode;

  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface MessageBus {
  readonly self: TransportId;
  /** Addresses at which others reach this bus, each ending in its peer id. */
  addresses(): readonly string[];
  /** Opens a connection to an address that ends in a peer id. @throws {BusError} `unreachable` */
  connect(address: string, signal?: AbortSignal): Promise<TransportId>;
  /** Peers with an open connection. */
  connected(): readonly TransportId[];
  /** Open connections; two peers that dialled each other may have two. */
  connections(): readonly BusConnection[];
  /** Told after every change of `connections()`. */
  onConnectionChange(listener: () => void): Cancel;
  /** Peers that gossip of at least one topic is passed on to directly: its mesh, unordered. */
  meshPeers(): readonly TransportId[];
  /**
   * Gossips to everyone subscribed. Resolves to the number of direct recipients: zero means that
   * nobody heard it yet, and even more is not a delivery — re-publish what matters.
   */
  publish(topic: GossipTopic, bytes: Uint8Array): Promise<number>;
  subscribe(topic: GossipTopic, handler: GossipHandler): Cancel;
  /** One request, one answer; waits while the peer's admission is `later`. @throws {BusError} */
  request(
    to: TransportId,
    protocol: string,
    bytes: Uint8Array,
    options: RequestOptions,
  ): Promise<Uint8Array>;
  handle(protocol: string, handler: RequestHandler, options: HandlerOptions): Cancel;
  /**
   * Who may do what; everyone everything until it is set. Setting it, also the same rule again, asks
   * anew: connections that are no longer admitted are closed, requests and gossip that waited for a
   * `later` go on or are refused.
   */
  admitOnly(rule: AdmissionRule): void;
  /** Lowers the gossip score of a peer whose payload or answer proved a fault. */
  penalise(peer: TransportId, reason: RefusalReason): void;
  stop(): Promise<void>;
}
