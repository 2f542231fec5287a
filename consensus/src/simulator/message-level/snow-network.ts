// Snowflake+ at message level: every peer polls at its own pace, queries and chits travel with their
// own delays, and a poll mixes answers from before and after a change of mind. The bound for
// lock-step rounds says nothing here.

import { IdentifiedPeers, type PeersSetting } from '../identified-peers.ts';
import { type LockStepAdversary, planRound } from '../lock-step-adversary.ts';
import { PollOdds, type PollRule } from '../poll-odds.ts';
import type { SimulatedRun } from '../run-outcome.ts';
import { CHIT_BYTES, QUERY_BYTES } from '../traffic.ts';
import type { Xoshiro128 } from '../xoshiro.ts';
import { EventWheel, SLOTS_PER_MS } from './event-wheel.ts';
import { delayTable } from './network.ts';

export interface SnowMessageSetting extends PeersSetting, PollRule {
  readonly adversary: LockStepAdversary;
  /** Share of the honest weight that a holder keeps at colour 0. */
  readonly level: number;
  readonly delayMs: number;
  readonly loss: number;
  /** Simulated time after which the run is given up. */
  readonly limitMs: number;
}

/** A poll that waits longer, in median one-way delays, goes on with what it has. */
const POLL_DELAYS = 10;
const DELAY_SIGMA = 0.3;
const DELAY_DRAW_BITS = 12;
const LOSS_STEPS = 2 ** 20;
const SHARES_MAX = 1000;

/** An event is a number: what, about whom, of which poll. */
const QUERY = 0;
const CHIT_ZERO = 1;
const CHIT_ONE = 2;
const TIMEOUT = 3;
const OPEN = 4;
const LOOK = 5;
const KINDS = 8;

/** Runs of one setting, one after the other. */
export class SnowMessageNetwork {
  readonly #setting: SnowMessageSetting;
  readonly #peers: IdentifiedPeers;
  readonly #odds: PollOdds;
  readonly #urn: Uint32Array;
  readonly #wheel = new EventWheel<number>();
  readonly #delays: Int32Array;
  /** By peer, of its open poll: its number, votes, and answers still due. */
  readonly #poll: Uint32Array;
  readonly #zeros: Uint16Array;
  readonly #ones: Uint16Array;
  readonly #due: Uint16Array;
  #random: Xoshiro128 | undefined;
  #polls = 0;
  #messages = 0;
  #bytes = 0;

  constructor(setting: SnowMessageSetting) {
    const n = setting.weights.length;
    this.#setting = setting;
    this.#peers = new IdentifiedPeers(setting);
    this.#odds = new PollOdds(this.#peers.units, setting);
    this.#delays = delayTable(Math.max(setting.delayMs, 1 / SLOTS_PER_MS), DELAY_SIGMA);
    this.#urn = new Uint32Array(this.#peers.units);
    let at = 0;
    setting.weights.forEach((units, peer) => {
      this.#urn.fill(peer, at, at + units);
      at += units;
    });
    this.#poll = new Uint32Array(n);
    this.#zeros = new Uint16Array(n);
    this.#ones = new Uint16Array(n);
    this.#due = new Uint16Array(n);
  }

  run(random: Xoshiro128): SimulatedRun {
    const peers = this.#peers;
    const wheel = this.#wheel;
    this.#start(random);
    const shares: number[] = [];
    let first: number | null = null;
    const isOver = () => peers.activePeers === 0 || (peers.final[0] > 0 && peers.final[1] > 0);
    while (!isOver()) {
      const event = wheel.pop(this.#setting.limitMs);
      if (event === undefined) break;
      if (event === LOOK) {
        shares.push(peers.support / peers.honestUnits);
        if (shares.length < SHARES_MAX) wheel.push(this.#lookSlots(), 0, LOOK);
      } else this.#handle(event, wheel.target);
      if (first === null && peers.activePeers < peers.honestPeers) first = wheel.nowMs;
    }
    shares.push(peers.support / peers.honestUnits);
    const isConflict = peers.final[0] > 0 && peers.final[1] > 0;
    const undecided = peers.activePeers > 0 ? 'undecided' : 'agreed';
    return {
      ending: isConflict ? 'conflict' : undecided,
      first,
      last: wheel.nowMs,
      polls: this.#polls,
      messages: this.#messages,
      bytes: this.#bytes,
      shares,
    };
  }

  #start(random: Xoshiro128): void {
    this.#random = random;
    this.#peers.reset(random);
    this.#wheel.reset();
    this.#poll.fill(0);
    [this.#polls, this.#messages, this.#bytes] = [0, 0, 0];
    this.#wheel.push(0, 0, LOOK);
    for (const peer of this.#peers.active.subarray(0, this.#peers.activePeers)) {
      // Nobody starts at the same moment as another.
      const slots = (this.#delays[random.next() >>> (32 - DELAY_DRAW_BITS)] as number) >> 1;
      this.#wheel.push(slots, peer, this.#event(OPEN, peer));
    }
  }

  #handle(event: number, target: number): void {
    const kind = event % KINDS;
    const about = (event - kind) / KINDS;
    const n = this.#poll.length;
    const peer = about % n;
    const poll = (about - peer) / n;
    if (kind === QUERY) {
      if (!this.#isDown(target)) this.#answer(target, peer, poll);
      return;
    }
    // Every finished poll raises the number, so what belongs to an old one is told apart.
    if (poll !== this.#poll[target] || this.#peers.isFinal(target)) return;
    if (this.#isDown(target)) {
      if (kind === OPEN || kind === TIMEOUT) this.#openAgain(target);
    } else if (kind === OPEN) this.#open(target);
    else if (kind === CHIT_ZERO) this.#count(target, 1, 0);
    else if (kind === CHIT_ONE) this.#count(target, 0, 1);
    else if (kind === TIMEOUT) this.#finish(target);
  }

  /** A crashed peer polls when it is back. */
  #openAgain(peer: number): void {
    const untilMs = this.#setting.crash?.until ?? 0;
    const slots = Math.ceil((untilMs - this.#wheel.nowMs) * SLOTS_PER_MS);
    this.#wheel.push(Math.max(1, slots), peer, this.#event(OPEN, peer));
  }

  #open(poller: number): void {
    const random = this.#random as Xoshiro128;
    const { delayMs, k } = this.#setting;
    this.#polls++;
    this.#poll[poller] = (this.#poll[poller] as number) + 1;
    this.#zeros[poller] = 0;
    this.#ones[poller] = 0;
    this.#due[poller] = k;
    const query = this.#event(QUERY, poller);
    let own = 0;
    for (let i = 0; i < k; i++) {
      const at = i + random.below(this.#urn.length - i);
      const peer = this.#urn[at] as number;
      this.#urn[at] = this.#urn[i] as number;
      this.#urn[i] = peer;
      if (peer === poller) own++;
      else this.#send(poller, peer, query, QUERY_BYTES);
    }
    const slots = Math.ceil(POLL_DELAYS * Math.max(1, delayMs) * SLOTS_PER_MS);
    this.#wheel.push(slots, poller, this.#event(TIMEOUT, poller));
    const isZero = this.#peers.colours[poller] === 0;
    this.#zeros[poller] = isZero ? own : 0;
    this.#ones[poller] = isZero ? 0 : own;
    this.#due[poller] = k - own;
    this.#count(poller, 0, 0);
  }

  /** Counts an answer; a poll ends as soon as no outstanding one can matter. */
  #count(poller: number, zero: number, one: number): void {
    const { alphaConfidence, alphaPreference } = this.#setting;
    const zeros = (this.#zeros[poller] as number) + zero;
    const ones = (this.#ones[poller] as number) + one;
    const due = (this.#due[poller] as number) - zero - one;
    this.#zeros[poller] = zeros;
    this.#ones[poller] = ones;
    this.#due[poller] = due;
    const most = Math.max(zeros, ones);
    const isHopeless = most + due < alphaPreference;
    const isSettled = most >= alphaPreference && most + due < alphaConfidence;
    if (due === 0 || most >= alphaConfidence || isHopeless || isSettled) this.#finish(poller);
  }

  #finish(poller: number): void {
    const [zeros, ones] = [this.#zeros[poller] as number, this.#ones[poller] as number];
    this.#peers.recordOf(poller, zeros, ones);
    this.#poll[poller] = (this.#poll[poller] as number) + 1;
    if (!this.#peers.isFinal(poller)) this.#wheel.push(1, poller, this.#event(OPEN, poller));
  }

  #answer(peer: number, poller: number, poll: number): void {
    const said = this.#peers.isCorrupt(peer)
      ? this.#lie(poller)
      : (this.#peers.colours[peer] as 0 | 1);
    if (said === undefined) return;
    const kind = said === 0 ? CHIT_ZERO : CHIT_ONE;
    const event = (poll * this.#poll.length + poller) * KINDS + kind;
    this.#send(peer, poller, event, CHIT_BYTES);
  }

  #lie(poller: number): 0 | 1 | undefined {
    const { adversary, level } = this.#setting;
    const peers = this.#peers;
    const view = {
      honest: peers.honestUnits,
      corrupt: peers.units - peers.honestUnits,
      support: peers.support,
      isZeroFinal: peers.final[0] > 0,
      odds: this.#odds,
    };
    const { to, toVictim } = planRound(adversary, view, level * peers.honestUnits);
    const { one, zero } = poller === peers.victim ? toVictim : to[peers.colours[poller] as 0 | 1];
    const point = (this.#random as Xoshiro128).nextUnit();
    if (point < zero) return 0;
    return point < zero + one ? 1 : undefined;
  }

  #send(from: number, to: number, event: number, bytes: number): void {
    this.#messages++;
    this.#bytes += bytes;
    const drawn = (this.#random as Xoshiro128).next();
    const { loss, partition } = this.#setting;
    if ((drawn & (LOSS_STEPS - 1)) < loss * LOSS_STEPS) return;
    if (partition !== undefined && this.#isCut(from, to)) return;
    this.#wheel.push(this.#delays[drawn >>> (32 - DELAY_DRAW_BITS)] as number, to, event);
  }

  #isCut(from: number, to: number): boolean {
    const nowMs = this.#wheel.nowMs;
    const { partition } = this.#setting;
    const isOpen = partition !== undefined && nowMs >= partition.from && nowMs < partition.until;
    return isOpen && this.#peers.isBehindCut(from) !== this.#peers.isBehindCut(to);
  }

  #isDown(peer: number): boolean {
    const { crash } = this.#setting;
    if (crash === undefined || !this.#peers.isCrashed(peer)) return false;
    return this.#wheel.nowMs >= crash.from && this.#wheel.nowMs < crash.until;
  }

  #event(kind: number, peer: number): number {
    return ((this.#poll[peer] as number) * this.#poll.length + peer) * KINDS + kind;
  }

  #lookSlots(): number {
    return Math.max(1, Math.round(2 * this.#setting.delayMs * SLOTS_PER_MS));
  }
}
