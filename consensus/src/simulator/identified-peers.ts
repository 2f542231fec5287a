// The peers of an identified network: who is corrupt, who prefers what, who is final.

import type { LockStepAdversary } from './lock-step-adversary.ts';
import type { Xoshiro128 } from './xoshiro.ts';

/** A share of the peers during the rounds [from, until). */
export interface Outage {
  readonly share: number;
  readonly from: number;
  readonly until: number;
}

export interface PeersSetting {
  readonly weights: Uint32Array;
  readonly adversaryShare: number;
  readonly adversary: LockStepAdversary;
  readonly alphaPreference: number;
  readonly alphaConfidence: number;
  readonly beta: number;
  readonly split: number;
  readonly crash: Outage | undefined;
  readonly partition: Outage | undefined;
}

const CORRUPT = 1;
const CRASHED = 2;
const BEHIND_CUT = 4;
/** Shares such as 0.1 × 30 come out a little too small. */
const ROUNDING = 1e-9;

/**
 * Invariant: `active` begins with the `activePeers` honest peers that are not final, and `support`
 * is the weight of the honest peers that prefer colour 0.
 */
export class IdentifiedPeers {
  readonly units: number;
  honestUnits = 0;
  honestPeers = 0;
  support = 0;
  /** Honest peers that are final for each colour. */
  readonly final: [number, number] = [0, 0];
  readonly colours: Uint8Array;
  readonly active: Uint32Array;
  activePeers = 0;
  /** An honest peer that starts with colour 0, for a holder to feed. */
  victim: number | undefined;
  /** By honest peer that is not final, its place in `active`. */
  readonly #places: Uint32Array;
  readonly #confidence: Uint16Array;
  readonly #marks: Uint8Array;
  readonly #order: Uint32Array;
  readonly #setting: PeersSetting;

  constructor(setting: PeersSetting) {
    const n = setting.weights.length;
    this.#setting = setting;
    this.units = setting.weights.reduce((sum, units) => sum + units, 0);
    this.colours = new Uint8Array(n);
    this.active = new Uint32Array(n);
    this.#places = new Uint32Array(n);
    this.#confidence = new Uint16Array(n);
    this.#marks = new Uint8Array(n);
    this.#order = Uint32Array.from({ length: n }, (_, peer) => peer);
  }

  /** New roles by lot: the corrupt, the colours, who crashes, who is cut off. */
  reset(random: Xoshiro128): void {
    const { adversary, adversaryShare, crash, partition, split, weights } = this.#setting;
    this.#confidence.fill(0);
    this.#marks.fill(0);
    this.final.fill(0);
    this.#shuffle(random);
    const corruptUnits = this.#mark(CORRUPT, adversaryShare * this.units, () => true);
    this.honestUnits = this.units - corruptUnits;
    this.activePeers = 0;
    this.support = 0;
    this.victim = undefined;
    for (const peer of this.#order) {
      if (this.isCorrupt(peer)) continue;
      const units = weights[peer] as number;
      const isZero = this.support + units / 2 <= split * this.honestUnits + ROUNDING;
      this.colours[peer] = isZero ? 0 : 1;
      if (isZero) this.support += units;
      if (isZero && adversary === 'holder') this.victim ??= peer;
      this.#places[peer] = this.activePeers;
      this.active[this.activePeers++] = peer;
    }
    this.honestPeers = this.activePeers;
    if (crash !== undefined || partition !== undefined) this.#shuffle(random);
    if (crash !== undefined) {
      this.#mark(CRASHED, crash.share * this.honestUnits, (peer) => !this.isCorrupt(peer));
    }
    if (partition !== undefined) {
      this.#mark(BEHIND_CUT, partition.share * this.units, () => true);
    }
  }

  isCorrupt(peer: number): boolean {
    return ((this.#marks[peer] as number) & CORRUPT) !== 0;
  }

  isCrashed(peer: number): boolean {
    return ((this.#marks[peer] as number) & CRASHED) !== 0;
  }

  isBehindCut(peer: number): boolean {
    return ((this.#marks[peer] as number) & BEHIND_CUT) !== 0;
  }

  /** Whether an honest peer is final. */
  isFinal(peer: number): boolean {
    const place = this.#places[peer] as number;
    return place >= this.activePeers || this.active[place] !== peer;
  }

  /** The poll of a peer that is not final, by Snowflake+. */
  recordOf(peer: number, zeros: number, ones: number): void {
    this.record(this.#places[peer] as number, zeros, ones);
  }

  /** The poll of `active[at]`, by Snowflake+; a peer that became final leaves `active`. */
  record(at: number, zeros: number, ones: number): void {
    const { alphaConfidence, alphaPreference, beta, weights } = this.#setting;
    const peer = this.active[at] as number;
    const count = Math.max(zeros, ones);
    if (count < alphaPreference) {
      this.#confidence[peer] = 0;
      return;
    }
    const choice = zeros > ones ? 0 : 1;
    if (choice !== this.colours[peer]) {
      this.colours[peer] = choice;
      this.#confidence[peer] = 0;
      this.support += choice === 0 ? (weights[peer] as number) : -(weights[peer] as number);
    }
    if (count < alphaConfidence) {
      this.#confidence[peer] = 0;
      return;
    }
    const confidence = (this.#confidence[peer] as number) + 1;
    this.#confidence[peer] = confidence;
    if (confidence < beta) return;
    this.final[choice]++;
    this.activePeers--;
    const last = this.active[this.activePeers] as number;
    this.active[at] = last;
    this.#places[last] = at;
    // So that `isFinal` finds itself no longer there.
    this.active[this.activePeers] = peer;
  }

  /** Marks peers in the order of the lot while their weight fits into `units`. */
  #mark(mark: number, units: number, isEligible: (peer: number) => boolean): number {
    let taken = 0;
    for (const peer of this.#order) {
      const weight = this.#setting.weights[peer] as number;
      if (!isEligible(peer) || taken + weight > units + ROUNDING) continue;
      this.#marks[peer] = (this.#marks[peer] as number) | mark;
      taken += weight;
    }
    return taken;
  }

  #shuffle(random: Xoshiro128): void {
    const order = this.#order;
    for (let last = order.length - 1; last > 0; last--) {
      const at = random.below(last + 1);
      const peer = order[at] as number;
      order[at] = order[last] as number;
      order[last] = peer;
    }
  }
}
