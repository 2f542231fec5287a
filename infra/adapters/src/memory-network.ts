// The world in which memory buses meet: who is linked to whom, who is cut off, what is lost.

import { type ChannelKey, createChannelKey, domainDigest } from '@starling/crypto';
import { BusError, type ConnectionId, type TransportId } from '@starling/shared';
import { MemoryBus } from './memory-bus.ts';
import { seededRandom } from './seeded-random.ts';

/** Buses one network holds, and keys that are remembered by name. */
const MEMORY_BUSES_MAX = 10_000;

const channelKeys = new Map<string, ChannelKey>();

export interface MemoryNetworkOptions {
  /** Share of gossip deliveries, per link, that never arrive. Requests are not lost. */
  readonly gossipLoss: number;
  readonly seed: number;
}

const MEMORY_NETWORK_DEFAULTS: MemoryNetworkOptions = Object.freeze({
  gossipLoss: 0,
  seed: 1,
});

/** One open connection; its signal fires when it closes. */
export interface MemoryLink {
  readonly id: ConnectionId;
  readonly ends: readonly [TransportId, TransportId];
  readonly closed: AbortController;
}

export class MemoryNetwork {
  readonly #buses = new Map<TransportId, MemoryBus>();
  readonly #links = new Map<TransportId, Map<TransportId, MemoryLink>>();
  readonly #random: () => number;
  #gossipLoss: number;
  #opened = 0;
  #groupOf: ReadonlyMap<TransportId, number> = new Map();

  constructor(options: Partial<MemoryNetworkOptions> = {}) {
    const { gossipLoss, seed } = { ...MEMORY_NETWORK_DEFAULTS, ...options };
    this.#random = seededRandom(seed);
    this.#gossipLoss = checkedLoss(gossipLoss);
  }

  /** A new bus under a name, or under another key than the one of its name; connected to nobody. */
  join(name: string, key: ChannelKey = memoryChannelKey(name)): MemoryBus {
    const self = key.transportId;
    if (this.#buses.has(self)) throw new TypeError(`"${name}" joined already`);
    if (this.#buses.size >= MEMORY_BUSES_MAX) {
      throw new RangeError(`a memory network holds at most ${MEMORY_BUSES_MAX} buses`);
    }
    const bus = new MemoryBus(this, self);
    this.#buses.set(self, bus);
    this.#links.set(self, new Map());
    return bus;
  }

  /** Connects every bus with every other. */
  async connectAll(): Promise<void> {
    const buses = [...this.#buses.values()];
    for (const [i, bus] of buses.entries()) {
      for (const other of buses.slice(i + 1)) await bus.connect(other.addresses()[0] ?? '');
    }
  }

  /** Closes the connection between two buses; they may connect again. */
  disconnect(a: TransportId, b: TransportId): void {
    const link = this.#links.get(a)?.get(b);
    if (link === undefined) return;
    this.#links.get(a)?.delete(b);
    this.#links.get(b)?.delete(a);
    link.closed.abort(new BusError('unreachable', `the connection of ${a} and ${b} closed`));
    for (const [bus, peer] of [
      [this.#buses.get(a), b],
      [this.#buses.get(b), a],
    ] as const) {
      bus?.noteClosed(peer, link.id);
      bus?.noteConnectionChange();
    }
  }

  /** Cuts the network into groups; whoever is in none of them is alone. */
  partition(...groups: ReadonlyArray<readonly TransportId[]>): void {
    const groupOf = new Map<TransportId, number>();
    let alone = groups.length;
    for (const id of this.#buses.keys()) {
      const at = groups.findIndex((group) => group.includes(id));
      groupOf.set(id, at < 0 ? alone++ : at);
    }
    this.#groupOf = groupOf;
    for (const [id, links] of this.#links) {
      for (const other of [...links.keys()]) if (this.isCut(id, other)) this.disconnect(id, other);
    }
  }

  /** Ends a partition. Closed connections stay closed until someone connects. */
  heal(): void {
    this.#groupOf = new Map();
  }

  setGossipLoss(share: number): void {
    this.#gossipLoss = checkedLoss(share);
  }

  isCut(a: TransportId, b: TransportId): boolean {
    return this.#groupOf.get(a) !== this.#groupOf.get(b);
  }

  /** Decides one gossip delivery by the seed. */
  isLost(): boolean {
    return this.#gossipLoss > 0 && this.#random() < this.#gossipLoss;
  }

  bus(id: TransportId): MemoryBus | undefined {
    return this.#buses.get(id);
  }

  link(a: TransportId, b: TransportId): MemoryLink | undefined {
    return this.#links.get(a)?.get(b);
  }

  linked(id: TransportId): readonly TransportId[] {
    return [...(this.#links.get(id)?.keys() ?? [])];
  }

  open(a: TransportId, b: TransportId): MemoryLink {
    const id = `link${++this.#opened}`;
    const link: MemoryLink = { id, ends: [a, b], closed: new AbortController() };
    this.#links.get(a)?.set(b, link);
    this.#links.get(b)?.set(a, link);
    this.#buses.get(a)?.noteConnectionChange();
    this.#buses.get(b)?.noteConnectionChange();
    return link;
  }

  leave(id: TransportId): void {
    for (const other of this.linked(id)) this.disconnect(id, other);
    this.#buses.delete(id);
    this.#links.delete(id);
  }
}

/**
 * The channel key of the bus that joined under `name`: a real Ed25519 key, seeded by the name, so
 * that sites of a memory network bind it as they would on the wire.
 */
export function memoryChannelKey(name: string): ChannelKey {
  const known = channelKeys.get(name);
  if (known !== undefined) return known;
  const seed = domainDigest('starling/memory-network/v1', new TextEncoder().encode(name));
  const key = createChannelKey(new Uint8Array(Buffer.from(seed, 'hex')));
  if (channelKeys.size < MEMORY_BUSES_MAX) channelKeys.set(name, key);
  return key;
}

/** The id of the bus that joined under `name`; the same name gives the same id in every network. */
export function memoryTransportId(name: string): TransportId {
  return memoryChannelKey(name).transportId;
}

function checkedLoss(share: number): number {
  if (share >= 0 && share < 1) return share;
  throw new RangeError(`0 <= gossipLoss < 1 is violated by ${share}`);
}
