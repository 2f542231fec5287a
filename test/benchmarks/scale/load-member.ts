// One member of the load: it joins, proves its channel and says what a site says in a plain round,
// with a vector of its own. It neither trains nor recomputes; what it says is real.

import { join } from 'node:path';
import {
  type BusPayloadExchange,
  channelKeyOf,
  generateTransportKey,
  keepConnected,
  MemoryPeerStore,
  openPayloadExchange,
  SystemClock,
  startLibp2pBus,
} from '@starling/adapters';
import { createIdentity, openInvitation, ProvedChannels, sealMessage } from '@starling/crypto';
import { joinFederation, type SiteMembership } from '@starling/peer';
import { voteFor } from '@starling/rules';
import {
  ACCEPT,
  type Aggregate,
  type Digest,
  type MessageBus,
  modelUpdate,
  modelVote,
  NO_LOGGER,
  NO_METER,
  type RoundPlan,
  registration,
  Sequence,
  tensorToBytes,
} from '@starling/shared';

const LOOPBACK = '/ip4/127.0.0.1/tcp/0';
const EXAMPLES = 100;

export class LoadMember {
  readonly identity = createIdentity();
  readonly #clock = new SystemClock();
  readonly #index: number;
  readonly #folder: string;
  readonly #store = new MemoryPeerStore();
  #transportKey: Uint8Array = new Uint8Array();
  #topicPrefix = '';
  #bus: MessageBus | undefined;
  #payloads: BusPayloadExchange | undefined;
  #keeper: { stop(): void } | undefined;
  #sequence: Sequence | undefined;
  #membership: SiteMembership | undefined;
  #update: { readonly plan: Digest; readonly frame: Uint8Array } | undefined;

  constructor(index: number, folder: string) {
    this.#index = index;
    this.#folder = folder;
  }

  get bus(): MessageBus {
    if (this.#bus === undefined) throw new Error('not connected');
    return this.#bus;
  }

  get membership(): SiteMembership {
    if (this.#membership === undefined) throw new Error('not joined');
    return this.#membership;
  }

  async join(invitation: Uint8Array): Promise<void> {
    const opened = openInvitation(invitation, this.#clock.nowMs());
    if (!opened.ok) throw new Error(opened.refusal.detail);
    this.#transportKey = (await generateTransportKey()).key;
    this.#topicPrefix = opened.value.federation.slice(0, 16);
    const bus = await this.#startBus();
    this.#sequence = await Sequence.open(this.#clock, this.#store);
    const { identity } = this;
    const channelKey = channelKeyOf(this.#transportKey);
    const world = { bus, channelKey, clock: this.#clock, identity, store: this.#store };
    this.#membership = await joinFederation(world, this.#sequence, invitation);
    await bus.stop();
  }

  /** Connects under the roster that lists everyone, and proves the connection. */
  async connect(newest: SiteMembership): Promise<void> {
    const bus = await this.#startBus();
    this.#bus = bus;
    this.#payloads = await openPayloadExchange({
      bus,
      folder: join(this.#folder, `${this.#index}`),
    });
    const { identity } = this;
    const world = {
      bus,
      clock: this.#clock,
      identity,
      logger: NO_LOGGER,
      meter: NO_METER,
    };
    const channels = new ProvedChannels(world, {
      federation: newest.federation,
      role: 'peer',
      memberAt: (peer) => newest.roster.members.find(({ transportId }) => transportId === peer),
      rosterDigest: () => newest.rosterDigest,
      isOpenTo: () => false,
    });
    channels.start();
    bus.subscribe('vote', async () => ACCEPT);
    bus.subscribe('site', async () => ACCEPT);
    const kept = { bus, clock: this.#clock };
    this.#keeper = keepConnected(kept, this.membership.coordinatorAddresses);
  }

  async register(model: Digest, version: number): Promise<void> {
    const body = { addresses: [], examplesRounded: EXAMPLES, model, ready: true, version };
    const { federation } = this.membership;
    const stamp = this.#sequence?.stamp() ?? { nowMs: 0, seq: 0 };
    await this.bus.publish(
      'site',
      sealMessage(this.identity, registration, { federation, body, ...stamp }),
    );
  }

  /** Publishes its update for the plan; the vector is made and offered once. */
  async submit(plan: RoundPlan, planDigest: Digest): Promise<void> {
    if (this.#update?.plan !== planDigest) {
      this.#update = { plan: planDigest, frame: await this.#sealUpdate(plan, planDigest) };
    }
    await this.bus.publish('site', this.#update.frame);
  }

  async vote(aggregate: Aggregate): Promise<void> {
    const { federation } = this.membership;
    const content = { federation, body: voteFor(aggregate) };
    await this.bus.publish('vote', sealMessage(this.identity, modelVote, content));
  }

  async stop(): Promise<void> {
    this.#keeper?.stop();
    await this.#payloads?.stop();
    await this.#bus?.stop();
  }

  async #sealUpdate(plan: RoundPlan, planDigest: Digest): Promise<Uint8Array> {
    const payloads = this.#payloads;
    if (payloads === undefined) throw new Error('not connected');
    const payload = await payloads.offer(tensorToBytes(vectorOf(this.#index, plan.elements)));
    await payloads.retain(new Set([payload.root]));
    return sealMessage(this.identity, modelUpdate, {
      federation: this.membership.federation,
      body: {
        base: plan.base,
        clipped: false,
        commitment: planDigest,
        elements: plan.elements,
        examples: EXAMPLES,
        lossFirstMicros: 2,
        lossLastMicros: 1,
        payload,
        plan: planDigest,
        round: plan.round,
      },
    });
  }

  #startBus(): Promise<MessageBus> {
    const listen = [LOOPBACK];
    return startLibp2pBus({
      listen,
      privateKey: this.#transportKey,
      topicPrefix: this.#topicPrefix,
    });
  }
}

/** A short vector that no other member has. */
export function vectorOf(index: number, elements: number): Float32Array {
  return Float32Array.from({ length: elements }, (_, i) => ((i * 31 + index * 17) % 255) * 1e-6);
}
