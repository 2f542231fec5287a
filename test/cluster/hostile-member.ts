// A member that does not run the site's code: it joins, says what it likes, and signs it.

import { digestOf, sealMessage } from '@starling/crypto';
import {
  type GossipTopic,
  type MessageDefinition,
  type ModelUpdate,
  type ModelVote,
  modelUpdate,
  modelVote,
  type Registration,
  type RoundPlan,
  registration,
  tensorToBytes,
} from '@starling/shared';
import { ClusterNode } from './cluster-node.ts';
import type { ClusterSite } from './cluster-site.ts';
import type { MemoryCluster } from './memory-cluster.ts';
import { proveNode } from './prove-node.ts';

export interface OpenPlan {
  readonly plan: RoundPlan;
  readonly planDigest: ModelUpdate['plan'];
}

export class HostileMember extends ClusterNode {
  readonly #cluster: MemoryCluster;
  #seq = 1;

  private constructor(site: ClusterSite, cluster: MemoryCluster) {
    super(site.name, cluster.place);
    this.#cluster = cluster;
  }

  /** Admits the member like any other and connects it with everyone. */
  static async join(cluster: MemoryCluster, name = 'mallory'): Promise<HostileMember> {
    const site = cluster.newSite(name);
    await site.join(cluster.coordinator.invite(name));
    const member = new HostileMember(site, cluster);
    proveNode(cluster, await member.open());
    await member.bus.connect(cluster.node.bus.addresses()[0] ?? '');
    await cluster.clock.advance(1);
    return member;
  }

  /** A frame of this member; envelopes get the next sequence number. */
  seal<T>(definition: MessageDefinition<T>, body: T, federation = this.#cluster.federation) {
    if (definition.form === 'statement') {
      return sealMessage(this.identity, definition, { federation, body });
    }
    const nowMs = this.#cluster.clock.nowMs();
    return sealMessage(this.identity, definition, { federation, body, seq: this.#seq++, nowMs });
  }

  registration(changes: Partial<Registration> = {}): Uint8Array {
    return this.seal(registration, {
      addresses: [...this.bus.addresses()],
      examplesRounded: 60,
      model: digestOf(new Uint8Array()),
      ready: true,
      version: 0,
      ...changes,
    });
  }

  /** Publishes and lets everyone have their say. */
  async say(topic: GossipTopic, frame: Uint8Array): Promise<void> {
    await this.bus.publish(topic, frame);
    await this.#cluster.clock.advance(1);
  }

  openPlan(): OpenPlan {
    const { round } = this.#cluster.replay();
    if (round === undefined) throw new Error('no round was opened yet');
    return { plan: round.plan, planDigest: round.planDigest };
  }

  /** An update for the open plan with this vector, offered and signed. */
  async update(delta: Float32Array, changes: Partial<ModelUpdate> = {}): Promise<Uint8Array> {
    const { plan, planDigest } = this.openPlan();
    return this.seal(modelUpdate, {
      base: plan.base,
      clipped: false,
      commitment: planDigest,
      elements: plan.elements,
      examples: 50,
      lossFirstMicros: 1,
      lossLastMicros: 1,
      payload: await this.payloads.offer(tensorToBytes(delta)),
      plan: planDigest,
      round: plan.round,
      ...changes,
    });
  }

  /** A vote for the sum on record. */
  vote(changes: Partial<ModelVote> = {}): Uint8Array {
    const summed = this.#cluster.replay().round?.aggregate?.body;
    if (summed === undefined) throw new Error('nothing was summed yet');
    const { base, model, plan, round, updates, version } = summed;
    const body = { base, model: model.root, plan, round, updates: updates.root, version };
    return this.seal(modelVote, { ...body, ...changes });
  }
}
