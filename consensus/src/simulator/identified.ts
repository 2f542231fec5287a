// Snowflake+ in lock-step rounds among peers that have a name: each poll draws real peers, by units
// of weight and without replacement, as in a network. Knows what the exchangeable level cannot:
// weights, lost messages, crashes and partitions.
//
// The urn is one array with a peer's index for each of its units. A poll shuffles its first k places
// (Fisher & Yates); however the array lies before, the sample is uniform, so nothing is put back.

import { IdentifiedPeers, type Outage } from './identified-peers.ts';
import { type Answers, type LockStepAdversary, planRound } from './lock-step-adversary.ts';
import { PollOdds, type PollRule } from './poll-odds.ts';
import { type LockStepRun, recordRun } from './run-outcome.ts';
import type { Xoshiro128 } from './xoshiro.ts';

export interface IdentifiedSetting extends PollRule {
  /** Units of weight by peer. */
  readonly weights: Uint32Array;
  /** Corrupt peers have at most this share of the weight. */
  readonly adversaryShare: number;
  readonly beta: number;
  /** Share of the honest weight that starts with colour 0. */
  readonly split: number;
  readonly adversary: LockStepAdversary;
  /** Share of the honest weight that a holder keeps at colour 0. */
  readonly level: number;
  /** P that a query is lost; the same for its answer. */
  readonly loss: number;
  /** Honest peers that are gone for a while. */
  readonly crash: Outage | undefined;
  /** Peers behind a cut that no message crosses for a while. */
  readonly partition: Outage | undefined;
  readonly roundsMax: number;
}

/** Ballots are counted in one number: ten bits for each colour and ten for corrupt peers. */
const FIELD_BITS = 10;
const FIELD = 2 ** FIELD_BITS - 1;
const BALLOT_ONE = 1 << FIELD_BITS;
const BALLOT_CORRUPT = 1 << (2 * FIELD_BITS);
/** Largest k whose ballots fit. */
export const SAMPLE_MAX = FIELD - 23;

/** Runs of one setting, one after the other. */
export class IdentifiedNetwork {
  readonly #setting: IdentifiedSetting;
  readonly #peers: IdentifiedPeers;
  readonly #odds: PollOdds;
  readonly #urn: Uint32Array;
  /** By peer, what its answer adds to a count in this round. */
  readonly #ballots: Int32Array;
  #round = 0;

  constructor(setting: IdentifiedSetting) {
    this.#setting = setting;
    this.#peers = new IdentifiedPeers(setting);
    this.#odds = new PollOdds(this.#peers.units, setting);
    this.#urn = new Uint32Array(this.#peers.units);
    this.#ballots = new Int32Array(setting.weights.length);
    let at = 0;
    setting.weights.forEach((units, peer) => {
      this.#urn.fill(peer, at, at + units);
      at += units;
    });
  }

  run(random: Xoshiro128): LockStepRun {
    const peers = this.#peers;
    peers.reset(random);
    this.#round = 0;
    return recordRun({
      honest: peers.honestPeers,
      roundsMax: this.#setting.roundsMax,
      final: peers.final,
      share: () => peers.support / peers.honestUnits,
      step: () => this.#step(random),
    });
  }

  #step(random: Xoshiro128): void {
    const peers = this.#peers;
    const { adversary, crash, k, level, loss, partition } = this.#setting;
    const view = {
      honest: peers.honestUnits,
      corrupt: peers.units - peers.honestUnits,
      support: peers.support,
      isZeroFinal: peers.final[0] > 0,
      odds: this.#odds,
    };
    const plan = planRound(adversary, view, level * peers.honestUnits);
    const isDown = covers(crash, this.#round);
    const isCut = covers(partition, this.#round);
    this.#fillBallots(isDown);
    const { active, colours, victim } = peers;
    const isWhole = loss === 0 && !isCut;
    for (let at = peers.activePeers - 1; at >= 0; at--) {
      const peer = active[at] as number;
      if (isDown && peers.isCrashed(peer)) continue;
      const count = isWhole ? this.#poll(random, k) : this.#pollPartly(random, k, peer, isCut);
      const answers = peer === victim ? plan.toVictim : plan.to[colours[peer] as 0 | 1];
      let zeros = count & FIELD;
      let ones = (count >> FIELD_BITS) & FIELD;
      const corrupt = count >> (2 * FIELD_BITS);
      if (corrupt > 0) {
        const heard = heardBy(answers, random);
        if (heard === 0) zeros += corrupt;
        else if (heard === 1) ones += corrupt;
      }
      peers.record(at, zeros, ones);
    }
    this.#round++;
  }

  #fillBallots(isDown: boolean): void {
    const peers = this.#peers;
    const { colours } = peers;
    const ballots = this.#ballots;
    for (let peer = 0; peer < ballots.length; peer++) {
      const honest = colours[peer] === 0 ? 1 : BALLOT_ONE;
      ballots[peer] = peers.isCorrupt(peer) ? BALLOT_CORRUPT : honest;
      if (isDown && peers.isCrashed(peer)) ballots[peer] = 0;
    }
  }

  /** The ballots of a sample, when every message arrives. */
  #poll(random: Xoshiro128, k: number): number {
    const urn = this.#urn;
    const ballots = this.#ballots;
    const units = urn.length;
    const { words } = random;
    const from = random.reserve(k);
    let count = 0;
    for (let i = 0; i < k; i++) {
      const word = words[from + i] as number;
      const range = units - i;
      // As `below`, and biased by less than range / 2³².
      const at = i + Math.floor((word * range) / 0x1_0000_0000);
      const peer = urn[at] as number;
      urn[at] = urn[i] as number;
      urn[i] = peer;
      count += ballots[peer] as number;
    }
    return count;
  }

  #pollPartly(random: Xoshiro128, k: number, poller: number, isCut: boolean): number {
    const urn = this.#urn;
    const peers = this.#peers;
    const arrival = (1 - this.#setting.loss) ** 2;
    let count = 0;
    for (let i = 0; i < k; i++) {
      const at = i + random.below(urn.length - i);
      const peer = urn[at] as number;
      urn[at] = urn[i] as number;
      urn[i] = peer;
      if (isCut && peers.isBehindCut(peer) !== peers.isBehindCut(poller)) continue;
      if (peer === poller || arrival === 1 || random.nextUnit() < arrival) {
        count += this.#ballots[peer] as number;
      }
    }
    return count;
  }
}

function heardBy({ one, zero }: Answers, random: Xoshiro128): 0 | 1 | undefined {
  if (zero === 1) return 0;
  if (one === 1) return 1;
  if (zero === 0 && one === 0) return undefined;
  const point = random.nextUnit();
  if (point < zero) return 0;
  return point < zero + one ? 1 : undefined;
}

function covers(outage: Outage | undefined, round: number): boolean {
  return outage !== undefined && round >= outage.from && round < outage.until;
}
