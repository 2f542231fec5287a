// MessageBus in one process: the same promises as the wire, without it. Deliveries are microtasks,
// so one turn of the event loop settles whatever does not wait for something else.

import {
  ADMIT_CONNECTION,
  ADMIT_GOSSIP,
  type AdmissionRule,
  type BusConnection,
  BusError,
  type BusErrorCode,
  type Cancel,
  type ConnectionId,
  GOSSIP_TOPICS,
  type GossipHandler,
  type GossipTopic,
  type HandlerOptions,
  type MessageBus,
  type RefusalReason,
  type RequestHandler,
  type RequestOptions,
  refusal,
  type TransportId,
} from '@starling/shared';
import { Admissions } from './admission.ts';
import {
  assertAnswerSize,
  assertGossipSize,
  assertProtocol,
  HANDLER_CONCURRENT_MAX,
  HANDLER_WAITING_MAX,
  REQUEST_TIMEOUT_MS,
} from './bus-limits.ts';
import { copied } from './copied.ts';
import type { MemoryNetwork } from './memory-network.ts';
import { Places } from './places.ts';
import { TopicHandlers } from './topic-handlers.ts';
import { untilAborted } from './until-aborted.ts';

/** Message ids a bus remembers to hear each publication once. */
const MEMORY_SEEN_MAX = 8192;
/** Gossip deliveries that wait at one bus; more are lost. */
const MEMORY_INBOX_MAX = 4096;

const ADDRESS_PREFIX = '/memory/p2p/';

interface Rumour {
  readonly id: string;
  readonly topic: GossipTopic;
  readonly bytes: Uint8Array;
}

interface Handler {
  readonly handle: RequestHandler;
  readonly options: HandlerOptions;
  readonly places: Places;
}

/** Made by `MemoryNetwork.join`. */
export class MemoryBus implements MessageBus {
  readonly self: TransportId;
  readonly #network: MemoryNetwork;
  readonly #topics = new TopicHandlers();
  readonly #handlers = new Map<string, Handler>();
  readonly #listeners = new Set<() => void>();
  readonly #seen = new Set<string>();
  readonly #faults = new Map<TransportId, number>();
  readonly #admissions = new Admissions();
  #inbox = 0;
  #published = 0;
  #isStopped = false;

  constructor(network: MemoryNetwork, self: TransportId) {
    this.#network = network;
    this.self = self;
  }

  addresses(): readonly string[] {
    return this.#isStopped ? [] : [`${ADDRESS_PREFIX}${this.self}`];
  }

  async connect(address: string, signal?: AbortSignal): Promise<TransportId> {
    this.#assertRunning();
    if (signal?.aborted) throw failure('unreachable', 'the dial was aborted', signal.reason);
    const to = address.slice(address.lastIndexOf('/') + 1) as TransportId;
    await Promise.resolve();
    this.#reach(to);
    return to;
  }

  connected(): readonly TransportId[] {
    return this.#network.linked(this.self);
  }

  connections(): readonly BusConnection[] {
    return this.connected().flatMap((peer) => {
      const link = this.#network.link(this.self, peer);
      return link === undefined ? [] : [{ id: link.id, peer }];
    });
  }

  onConnectionChange(listener: () => void): Cancel {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  meshPeers(): readonly TransportId[] {
    return this.connected().filter((peer) =>
      GOSSIP_TOPICS.some((topic) => this.#tells(peer, topic) !== undefined),
    );
  }

  async publish(topic: GossipTopic, bytes: Uint8Array): Promise<number> {
    this.#assertRunning();
    assertGossipSize(bytes);
    const rumour = { id: `${this.self}/${this.#published++}`, topic, bytes: copied(bytes) };
    this.#remember(rumour.id);
    return this.#spread(rumour, undefined);
  }

  subscribe(topic: GossipTopic, handler: GossipHandler): Cancel {
    this.#assertRunning();
    return this.#topics.add(topic, handler, nothing, nothing);
  }

  async request(
    to: TransportId,
    protocol: string,
    bytes: Uint8Array,
    options: RequestOptions,
  ): Promise<Uint8Array> {
    this.#assertRunning();
    assertProtocol(protocol);
    const signal = options.signal ?? AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    if (signal.aborted) throw failure('request-failed', 'the request was aborted', signal.reason);
    const link = this.#reach(to, options.connection);
    const target = this.#network.bus(to);
    const sent = copied(bytes);
    const ask = { peer: to, use: protocol, connection: link.id };
    if (!(await this.#admissions.decided(ask, { signal }))) {
      throw failure('request-failed', `${to} is not admitted to ${protocol}`, signal.reason);
    }
    const work = Promise.resolve().then(() => target?.serve(this.self, protocol, sent, link.id));
    const answer = await untilAborted(work, [signal, link.closed.signal]).catch((error) => {
      throw failure('request-failed', `${protocol} at ${to} failed`, error);
    });
    if (answer === undefined) throw failure('unreachable', `${to} is away`, undefined);
    assertAnswerSize(answer, options.answerBytesMax);
    return copied(answer);
  }

  handle(protocol: string, handler: RequestHandler, options: HandlerOptions): Cancel {
    this.#assertRunning();
    assertProtocol(protocol);
    if (this.#handlers.has(protocol)) throw new TypeError(`${protocol} has a handler already`);
    const places = new Places(options.concurrentMax ?? HANDLER_CONCURRENT_MAX, HANDLER_WAITING_MAX);
    const entry = { handle: handler, options, places };
    this.#handlers.set(protocol, entry);
    return () => {
      if (this.#handlers.get(protocol) === entry) this.#handlers.delete(protocol);
    };
  }

  admitOnly(rule: AdmissionRule): void {
    this.#admissions.set(rule);
    for (const { id, peer } of this.connections()) {
      const ask = { peer, use: ADMIT_CONNECTION, connection: id };
      if (this.#admissions.ask(ask) === false) this.#network.disconnect(this.self, peer);
    }
  }

  penalise(peer: TransportId, reason: RefusalReason): void {
    if (refusal(reason, '').kind === 'reject') this.#note(peer);
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#network.leave(this.self);
    this.#handlers.clear();
    this.#listeners.clear();
  }

  /** Faults of this peer, rejected messages and penalties: what costs it score on the wire. */
  faultsOf(peer: TransportId): number {
    return this.#faults.get(peer) ?? 0;
  }

  /** For the network: a connection of this bus opened or closed. */
  noteConnectionChange(): void {
    for (const listener of [...this.#listeners]) queueMicrotask(listener);
  }

  /** For the network: a connection of this bus closed. */
  noteClosed(peer: TransportId, connection: ConnectionId): void {
    this.#admissions.closed(peer, connection, true);
  }

  /** For other buses: does this one take connections of `peer`? */
  admits(peer: TransportId): boolean {
    return !this.#isStopped && this.#admissions.admits({ peer, use: ADMIT_CONNECTION });
  }

  /** For other buses: would this one hear a topic from `peer`? */
  hears(topic: GossipTopic, peer: TransportId): boolean {
    if (this.#isStopped || !this.#topics.has(topic)) return false;
    return this.#admissions.admits({ peer, use: ADMIT_GOSSIP });
  }

  /** For other buses: one request arrives. */
  async serve(
    from: TransportId,
    protocol: string,
    bytes: Uint8Array,
    connection: ConnectionId,
  ): Promise<Uint8Array> {
    const handler = this.#handlers.get(protocol);
    if (handler === undefined) throw new Error(`${this.self} does not speak ${protocol}`);
    const isAdmitted = await this.#admissions.decided({ peer: from, use: protocol, connection });
    if (!isAdmitted) throw new Error(`${from} is not admitted`);
    if (bytes.byteLength > handler.options.requestBytesMax) {
      throw new Error(`the request has more than ${handler.options.requestBytesMax} bytes`);
    }
    return handler.places.use(() => handler.handle(bytes, from, connection));
  }

  /** For other buses: one gossip delivery arrives. */
  async hear(rumour: Rumour, from: TransportId): Promise<void> {
    if (this.#seen.has(rumour.id) || this.#inbox >= MEMORY_INBOX_MAX) return;
    if (!this.hears(rumour.topic, from)) return;
    this.#remember(rumour.id);
    this.#inbox++;
    await Promise.resolve();
    const verdict = await this.#topics.judge(rumour.topic, rumour.bytes, from);
    this.#inbox--;
    if (verdict.kind === 'reject') this.#note(from);
    if (verdict.kind === 'accept' && !this.#isStopped) this.#spread(rumour, from);
  }

  #spread(rumour: Rumour, from: TransportId | undefined): number {
    let recipients = 0;
    for (const peer of this.connected()) {
      const bus = peer === from ? undefined : this.#tells(peer, rumour.topic);
      if (bus === undefined) continue;
      recipients++;
      if (!this.#network.isLost()) void bus.hear(rumour, this.self);
    }
    return recipients;
  }

  /** The bus of a neighbour that hears this topic of us. */
  #tells(peer: TransportId, topic: GossipTopic): MemoryBus | undefined {
    if (!this.#admissions.admits({ peer, use: ADMIT_GOSSIP })) return undefined;
    const bus = this.#network.bus(peer);
    return bus?.hears(topic, this.self) ? bus : undefined;
  }

  /** The open connection to `to`, or a new one if both sides want it. */
  #reach(to: TransportId, connection?: ConnectionId) {
    const open = this.#network.link(this.self, to);
    if (open !== undefined && (connection ?? open.id) === open.id) return open;
    if (connection !== undefined) {
      throw failure('unreachable', `${connection} is closed`, undefined);
    }
    const target = this.#network.bus(to);
    if (to === this.self || target === undefined || this.#network.isCut(this.self, to)) {
      throw failure('unreachable', `nobody answers at ${to}`, undefined);
    }
    if (!this.admits(to) || !target.admits(this.self)) {
      throw failure('unreachable', `${to} and ${this.self} do not admit each other`, undefined);
    }
    return this.#network.open(this.self, to);
  }

  #remember(id: string): void {
    this.#seen.add(id);
    if (this.#seen.size <= MEMORY_SEEN_MAX) return;
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      break;
    }
  }

  #note(peer: TransportId): void {
    this.#faults.set(peer, this.faultsOf(peer) + 1);
  }

  #assertRunning(): void {
    if (this.#isStopped) throw new BusError('stopped', `the bus of ${this.self} was stopped`);
  }
}

function nothing(): void {}

function failure(code: BusErrorCode, message: string, cause: unknown): BusError {
  return new BusError(code, message, cause === undefined ? undefined : { cause });
}
