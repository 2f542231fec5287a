// Snowflake+ in lock-step rounds among peers that nothing tells apart. Then only counts matter: how
// many peers have which preference and which confidence. All polls of a round draw from one urn, and
// each ends in one of five ways whose odds are tails of one hypergeometric distribution; peers alike
// draw together, from a multinomial. Exactly the law of peers that are polled one by one.

import { drawBinomial } from './binomial-draw.ts';
import {
  type Answers,
  type Colour,
  type LockStepAdversary,
  planRound,
} from './lock-step-adversary.ts';
import { PollOdds, type PollRule } from './poll-odds.ts';
import { type LockStepRun, recordRun } from './run-outcome.ts';
import type { Xoshiro128 } from './xoshiro.ts';

export interface ExchangeableSetting extends PollRule {
  readonly n: number;
  /** Corrupt peers. */
  readonly faulty: number;
  readonly beta: number;
  /** Honest peers that start with colour 0. */
  readonly support: number;
  readonly adversary: LockStepAdversary;
  /** Honest peers that a holder keeps at colour 0. */
  readonly level: number;
  readonly roundsMax: number;
}

/** Odds of a poll by colour: confident of it, or preferring it only; else nothing changes. */
interface PollEnding {
  readonly confident: readonly [number, number];
  readonly preferred: readonly [number, number];
}

/** Runs of one setting, which share what was computed once. */
export class ExchangeableNetwork {
  readonly #setting: ExchangeableSetting;
  readonly #odds: PollOdds;
  /** By colour, peers that are not final by their confidence. */
  #active: readonly [Float64Array, Float64Array];
  #next: readonly [Float64Array, Float64Array];
  /** Honest peers by preference, final ones too. */
  readonly #support: [number, number] = [0, 0];
  readonly #final: [number, number] = [0, 0];
  /** The peer that a holder feeds, while it is not final; it is in no group. */
  #victim: { preference: Colour; confidence: number } | undefined;

  constructor(setting: ExchangeableSetting) {
    this.#setting = setting;
    this.#odds = new PollOdds(setting.n, setting);
    this.#active = [new Float64Array(setting.beta), new Float64Array(setting.beta)];
    this.#next = [new Float64Array(setting.beta), new Float64Array(setting.beta)];
  }

  run(random: Xoshiro128): LockStepRun {
    const { faulty, n, roundsMax } = this.#setting;
    const honest = n - faulty;
    this.#reset();
    return recordRun({
      honest,
      roundsMax,
      final: this.#final,
      share: () => this.#support[0] / honest,
      step: () => this.#step(random),
    });
  }

  #reset(): void {
    const { adversary, faulty, n, support } = this.#setting;
    for (const group of [...this.#active, ...this.#next]) group.fill(0);
    this.#support[0] = support;
    this.#support[1] = n - faulty - support;
    this.#final.fill(0);
    const isHeld = adversary === 'holder' && support > 0;
    this.#victim = isHeld ? { preference: 0, confidence: 0 } : undefined;
    this.#active[0][0] = isHeld ? support - 1 : support;
    this.#active[1][0] = this.#support[1];
  }

  /** One round; all odds are of the preferences before it. */
  #step(random: Xoshiro128): void {
    const { adversary, faulty, level, n } = this.#setting;
    const view = {
      honest: n - faulty,
      corrupt: faulty,
      support: this.#support[0],
      isZeroFinal: this.#final[0] > 0,
      odds: this.#odds,
    };
    const { to, toVictim } = planRound(adversary, view, level);
    const forZero = this.#endingFor(to[0]);
    const forOne = to[1] === to[0] ? forZero : this.#endingFor(to[1]);
    const forVictim = this.#victim === undefined ? undefined : this.#endingFor(toVictim);
    for (const group of this.#next) group.fill(0);
    this.#pollGroup(random, 0, forZero);
    this.#pollGroup(random, 1, forOne);
    if (forVictim !== undefined) this.#pollVictim(random, forVictim);
    [this.#active, this.#next] = [this.#next, this.#active];
  }

  #endingFor({ one, zero }: Answers): PollEnding {
    const [zeros, ones] = this.#support;
    const confident = [this.#mixed(zeros, zero, true), this.#mixed(ones, one, true)] as const;
    return {
      confident,
      preferred: [
        this.#mixed(zeros, zero, false) - confident[0],
        this.#mixed(ones, one, false) - confident[1],
      ],
    };
  }

  /** P[enough for a colour that `count` peers and, to a share `heard` of the pollers, liars say]. */
  #mixed(count: number, heard: number, isConfident: boolean): number {
    const odds = this.#odds;
    const more = count + this.#setting.faulty;
    const aided = heard === 0 ? 0 : isConfident ? odds.confident(more) : odds.preferred(more);
    const alone = heard === 1 ? 0 : isConfident ? odds.confident(count) : odds.preferred(count);
    return heard * aided + (1 - heard) * alone;
  }

  #pollGroup(random: Xoshiro128, own: Colour, { confident, preferred }: PollEnding): void {
    const other: Colour = own === 0 ? 1 : 0;
    const active = this.#active[own];
    let rest = 0;
    for (let confidence = active.length - 1; confidence >= 0; confidence--) {
      const peers = active[confidence] as number;
      if (peers === 0) continue;
      const surer = drawBinomial(random, peers, confident[own]);
      if (surer > 0) this.#place(own, confidence + 1, surer);
      rest += peers - surer;
    }
    if (rest === 0) return;
    const odds = 1 - confident[own];
    const convinced = drawBinomial(random, rest, confident[other] / odds);
    const turned = drawBinomial(
      random,
      rest - convinced,
      preferred[other] / (odds - confident[other]),
    );
    this.#place(other, 1, convinced);
    this.#place(other, 0, turned);
    this.#place(own, 0, rest - convinced - turned);
    this.#turn(own, convinced + turned);
  }

  #pollVictim(random: Xoshiro128, { confident, preferred }: PollEnding): void {
    const victim = this.#victim;
    if (victim === undefined) return;
    const own = victim.preference;
    const other: Colour = own === 0 ? 1 : 0;
    let left = random.nextUnit();
    const falls = (odds: number): boolean => {
      left -= odds;
      return left < 0;
    };
    if (falls(confident[own])) victim.confidence++;
    else {
      victim.confidence = falls(confident[other]) ? 1 : 0;
      if (victim.confidence === 1 || falls(preferred[other])) {
        victim.preference = other;
        this.#turn(own, 1);
      }
    }
    if (victim.confidence < this.#setting.beta) return;
    this.#final[victim.preference]++;
    this.#victim = undefined;
  }

  #place(colour: Colour, confidence: number, peers: number): void {
    if (confidence >= this.#setting.beta) this.#final[colour] += peers;
    else {
      const group = this.#next[colour];
      group[confidence] = (group[confidence] as number) + peers;
    }
  }

  #turn(from: Colour, peers: number): void {
    this.#support[from] -= peers;
    this.#support[from === 0 ? 1 : 0] += peers;
  }
}
