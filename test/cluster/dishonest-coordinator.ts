// The coordinator's keys in the wrong hands: it signs whatever a test wants to a running site.

import { digestOf, encodeBody, sealMessage } from '@starling/crypto';
import {
  type FederationState,
  federatedAverage,
  readFrame,
  voteFor,
  type WeightedUpdate,
} from '@starling/rules';
import {
  type Aggregate,
  aggregate,
  type CborValue,
  encodeCanonical,
  type ModelCertificate,
  modelUpdate,
  modelVote,
  type RoundPlan,
  type RoundStatus,
  rosterNotice,
  rosterRequest,
  rosterResponse,
  roundPlan,
  roundStatus,
  tensorToBytes,
  type VersionResponse,
  versionResponse,
} from '@starling/shared';
import { initialParameters, parameterCount } from '@starling/training';
import type { ClusterSite } from './cluster-site.ts';
import { type MemoryCluster, TASK } from './memory-cluster.ts';
import { proveNode } from './prove-node.ts';

export const ELEMENTS = parameterCount(TASK.encoder);

export interface SumOptions {
  /** The vector that each author's update carries. */
  readonly delta?: Float32Array;
  /** Changes what is claimed; the updates stay as they are. */
  readonly claim?: Partial<Aggregate>;
  /** The frames of the bundle; ordered by author when absent. */
  readonly arrange?: (frames: readonly Uint8Array[]) => readonly CborValue[];
}

type Proof = Extract<VersionResponse, { outcome: 'final' }>;

export class DishonestCoordinator {
  readonly cluster: MemoryCluster;
  readonly state: FederationState;
  /** The authors of updates, sorted. */
  readonly authors: readonly ClusterSite[];
  #seq = Number.MAX_SAFE_INTEGER - 1000;
  #proof: VersionResponse = { outcome: 'unknown' };
  #link: Uint8Array | null | undefined;

  private constructor(cluster: MemoryCluster, authors: readonly ClusterSite[]) {
    this.cluster = cluster;
    this.state = cluster.replay();
    this.authors = authors.toSorted((a, b) => (a.identity.member < b.identity.member ? -1 : 1));
  }

  /** Takes the honest coordinator's place. */
  static async takeOver(cluster: MemoryCluster, authors: readonly ClusterSite[]) {
    await cluster.stopCoordinator();
    const coordinator = new DishonestCoordinator(cluster, authors);
    const world = await cluster.node.open();
    const limits = { requestBytesMax: 1 << 16 };
    proveNode(cluster, world, 'coordinator');
    world.bus.handle('roster', (bytes) => coordinator.#answerRoster(bytes), limits);
    world.bus.handle('version', async () => coordinator.#answer(), limits);
    return coordinator;
  }

  async plan(changes: Partial<RoundPlan> = {}): Promise<RoundPlan> {
    const base = tensorToBytes(initialParameters(TASK.encoder, TASK.seed));
    const voters = this.cluster.sites.map(({ identity }) => identity.member).sort();
    return {
      base: (await this.cluster.node.payloads.offer(base)).root,
      baseVersion: 0,
      clippingNormMicros: TASK.clippingNormMicros,
      cohort: this.authors.map(({ identity }) => identity.member),
      elements: ELEMENTS,
      roster: this.state.rosterDigest,
      round: 1,
      seed: 1,
      training: TASK.training,
      trainWithinMs: 60_000,
      updatesMin: 2,
      voters,
      ...changes,
    };
  }

  planFrame(body: RoundPlan): Uint8Array {
    return sealMessage(this.cluster.node.identity, roundPlan, { ...this.#content(), body });
  }

  /** The sum of one update of every author, or what is claimed instead. */
  async sum(plan: RoundPlan, options: SumOptions = {}): Promise<Aggregate> {
    const { payloads } = this.cluster.node;
    const delta = options.delta ?? new Float32Array(ELEMENTS).fill(0.01);
    const payload = await payloads.offer(tensorToBytes(delta));
    const planDigest = digestOf(encodeBody(roundPlan, plan));
    const frames = this.authors.map(({ identity }) => {
      const body = {
        base: plan.base,
        clipped: false,
        commitment: planDigest,
        elements: plan.elements,
        examples: 10,
        lossFirstMicros: 1,
        lossLastMicros: 1,
        payload,
        plan: planDigest,
        round: plan.round,
      };
      return sealMessage(identity, modelUpdate, { ...this.#content(), body });
    });
    const arrange = options.arrange ?? ((all: readonly Uint8Array[]) => all);
    const bundle = [...arrange(frames)];
    const weighted: WeightedUpdate[] = bundle.map(() => ({ examples: 10, delta }));
    const base = initialParameters(TASK.encoder, TASK.seed);
    const model = weighted.length === 0 ? base : await federatedAverage(base, weighted);
    return {
      base: plan.base,
      missing: [],
      model: await payloads.offer(tensorToBytes(model)),
      plan: planDigest,
      round: plan.round,
      statistics: null,
      updates: await payloads.offer(encodeCanonical(bundle)),
      version: plan.baseVersion + 1,
      ...options.claim,
    };
  }

  sumFrame(body: Aggregate): Uint8Array {
    return sealMessage(this.cluster.node.identity, aggregate, { ...this.#content(), body });
  }

  statusFrame(changes: Partial<RoundStatus>): Uint8Array {
    const body: RoundStatus = {
      evaluated: [],
      finished: false,
      missing: [],
      model: digestOf(new Uint8Array()),
      phase: 'final',
      ready: [],
      received: [],
      registered: [],
      rosterSeq: this.state.roster.seq,
      round: 1,
      sessions: [],
      version: 0,
      voted: [],
      ...changes,
    };
    const content = { ...this.#content(), body, ...this.#stamp() };
    return sealMessage(this.cluster.node.identity, roundStatus, content);
  }

  /** The certificate of a sum by these signers, in this order. */
  certificate(sum: Aggregate, signers: readonly ClusterSite[]): ModelCertificate {
    const body = encodeBody(modelVote, voteFor(sum));
    const signatures = signers.map(({ identity }) => {
      const frame = sealMessage(identity, modelVote, { ...this.#content(), body: voteFor(sum) });
      return { member: identity.member, signature: readFrame(frame, modelVote).signature };
    });
    return { body, signatures };
  }

  proof(plan: RoundPlan, sum: Aggregate, changes: Partial<Proof> = {}): Proof {
    const roster = this.state.rosterFrames.get(this.state.rosterDigest);
    const sorted = this.cluster.sites.toSorted((a, b) => {
      return a.identity.member < b.identity.member ? -1 : 1;
    });
    return {
      aggregate: this.sumFrame(sum),
      certificate: this.certificate(sum, sorted),
      model: sum.model,
      outcome: 'final',
      plan: this.planFrame(plan),
      roster: roster ?? new Uint8Array(),
      ...changes,
    };
  }

  /** The roster in force, or whatever shall pass for it. */
  noticeFrame(roster = this.signedRoster(this.state.roster.seq)): Uint8Array {
    const content = { ...this.#content(), body: { roster } };
    return sealMessage(this.cluster.node.identity, rosterNotice, content);
  }

  /** A roster of the honest log, by its number. */
  signedRoster(seq: number): Uint8Array {
    const signed = this.cluster.events().flatMap((event) => {
      return event.type === 'roster-changed' ? [event.payload.roster] : [];
    });
    return signed[seq - 1] ?? new Uint8Array();
  }

  /** What sites get that ask for a roster; the honest one when absent. */
  linkWith(roster: Uint8Array | null): void {
    this.#link = roster;
  }

  /** What sites get to hear that ask for a version. */
  answerWith(proof: VersionResponse): void {
    this.#proof = proof;
  }

  async #answerRoster(bytes: Uint8Array): Promise<Uint8Array> {
    const { seq } = readFrame(bytes, rosterRequest).body;
    const roster = this.#link === undefined ? this.signedRoster(seq) : this.#link;
    const content = { ...this.#content(), body: { roster }, ...this.#stamp() };
    return sealMessage(this.cluster.node.identity, rosterResponse, content);
  }

  #answer(): Uint8Array {
    const content = { ...this.#content(), body: this.#proof, ...this.#stamp() };
    return sealMessage(this.cluster.node.identity, versionResponse, content);
  }

  #content() {
    return { federation: this.cluster.federation };
  }

  #stamp() {
    return { seq: this.#seq++, nowMs: this.cluster.clock.nowMs() };
  }
}
