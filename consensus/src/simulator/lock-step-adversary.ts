// What corrupt peers answer in lock-step rounds. They act together, see every preference before a
// round and may answer each poller differently.

import type { PollOdds } from './poll-odds.ts';

export const LOCK_STEP_ADVERSARIES = [
  'silent',
  'contrarian',
  'minority',
  'echo',
  'holder',
] as const;
export type LockStepAdversary = (typeof LOCK_STEP_ADVERSARIES)[number];

/** The colours 0 and 1; the sheet's A and B. */
export type Colour = 0 | 1;

/** What the adversary sees before a round; counts are balls: peers or units of weight. */
export interface RoundView {
  readonly honest: number;
  readonly corrupt: number;
  /** Honest balls that prefer colour 0, final ones too. */
  readonly support: number;
  /** Whether some honest peer finalised colour 0. */
  readonly isZeroFinal: boolean;
  readonly odds: PollOdds;
}

/** Shares of a group of pollers that hear each colour from every corrupt peer; the rest silence. */
export interface Answers {
  readonly zero: number;
  readonly one: number;
}

/** One strategy for one round, by who asks. */
export interface RoundPlan {
  /** For pollers by the colour they prefer. */
  readonly to: readonly [Answers, Answers];
  /** For the one peer that a holder wants to finalise colour 0. */
  readonly toVictim: Answers;
}

const SILENCE: Answers = Object.freeze({ zero: 0, one: 0 });
const ZERO: Answers = Object.freeze({ zero: 1, one: 0 });
const ONE: Answers = Object.freeze({ zero: 0, one: 1 });

/** @param level honest balls that a holder keeps at colour 0 */
export function planRound(adversary: LockStepAdversary, view: RoundView, level: number): RoundPlan {
  switch (adversary) {
    case 'silent':
      return uniform(SILENCE);
    case 'contrarian':
      return { to: [ONE, ZERO], toVictim: ONE };
    case 'echo':
      return { to: [ZERO, ONE], toVictim: ZERO };
    case 'minority':
      return uniform(view.support * 2 <= view.honest ? ZERO : ONE);
    case 'holder':
      return view.isZeroFinal ? uniform(ONE) : hold(view, level);
  }
}

/**
 * Feeds the victim colour 0, and as many others that the expected support after the round is
 * `level`: enough for the victim's run of confident polls, too little for all to follow it.
 */
function hold(view: RoundView, level: number): RoundPlan {
  const least = expectedSupport(view, 0, view.corrupt);
  const most = expectedSupport(view, view.corrupt, 0);
  const share = most > least ? Math.min(1, Math.max(0, (level - least) / (most - least))) : 0;
  const mixed = { zero: share, one: 1 - share };
  return { to: [mixed, mixed], toVictim: ZERO };
}

/** Honest support of colour 0 after a round in which the corrupt add so many balls to each. */
function expectedSupport({ honest, odds, support }: RoundView, zero: number, one: number): number {
  const others = honest - support;
  const staying = 1 - odds.preferred(others + one);
  return support * staying + others * odds.preferred(support + zero);
}

function uniform(answers: Answers): RoundPlan {
  return { to: [answers, answers], toVictim: answers };
}
