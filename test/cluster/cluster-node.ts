// What one process of a memory cluster holds: a channel, payloads, a meter. Its folders, keys and
// records outlive it, so that it can be stopped and started again.

import { join } from 'node:path';
import {
  type BusPayloadExchange,
  type ManualClock,
  type MemoryBus,
  type MemoryNetwork,
  memoryChannelKey,
  openPayloadExchange,
  PrometheusMeter,
} from '@starling/adapters';
import { type ChannelKey, createIdentity, type Identity } from '@starling/crypto';
import { type Logger, type MessageBus, NO_LOGGER, type TransportId } from '@starling/shared';

/** Lets a test see or change what a node says. */
export type WrapBus = (bus: MemoryBus) => MessageBus;

export interface NodePlace {
  readonly clock: ManualClock;
  readonly network: MemoryNetwork;
  readonly folder: string;
  readonly wrapBus: WrapBus;
}

export interface NodeWorld {
  readonly bus: MessageBus;
  readonly channelKey: ChannelKey;
  readonly clock: ManualClock;
  readonly identity: Identity;
  readonly logger: Logger;
  readonly meter: PrometheusMeter;
  readonly payloads: BusPayloadExchange;
}

/** One key for each name, the same in every run. */
export function identityOf(name: string): Identity {
  const seed = new Uint8Array(32);
  seed.set(new TextEncoder().encode(name).subarray(0, 32));
  return createIdentity(seed);
}

export class ClusterNode {
  readonly name: string;
  /** Replaced by tests that rotate a site's keys, while it is stopped. */
  identity: Identity;
  channelKey: ChannelKey;
  readonly meter = new PrometheusMeter();
  readonly #place: NodePlace;
  #bus: MemoryBus | undefined;
  #payloads: BusPayloadExchange | undefined;

  constructor(name: string, place: NodePlace) {
    this.name = name;
    this.identity = identityOf(name);
    this.channelKey = memoryChannelKey(name);
    this.#place = place;
  }

  get transportId(): TransportId {
    return this.channelKey.transportId;
  }

  get bus(): MemoryBus {
    if (this.#bus === undefined) throw new Error(`${this.name} is stopped`);
    return this.#bus;
  }

  get payloads(): BusPayloadExchange {
    if (this.#payloads === undefined) throw new Error(`${this.name} is stopped`);
    return this.#payloads;
  }

  get folder(): string {
    return join(this.#place.folder, this.name);
  }

  async open(): Promise<NodeWorld> {
    const { clock, network, wrapBus } = this.#place;
    this.#bus = network.join(this.name, this.channelKey);
    const bus = wrapBus(this.#bus);
    const folder = join(this.folder, 'payloads');
    this.#payloads = await openPayloadExchange({ bus, folder });
    const { channelKey, identity, meter } = this;
    return { bus, channelKey, clock, identity, logger: NO_LOGGER, meter, payloads: this.#payloads };
  }

  async close(): Promise<void> {
    await this.#payloads?.stop();
    await this.#bus?.stop();
    this.#payloads = undefined;
    this.#bus = undefined;
  }

  /** Sum of a counter over all label sets that have these labels. */
  counted(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.meter
      .snapshot()
      .filter((sample) => sample.name === name)
      .filter((sample) => Object.entries(labels).every(([key, v]) => sample.labels[key] === v))
      .reduce((sum, { value }) => sum + value, 0);
  }
}
