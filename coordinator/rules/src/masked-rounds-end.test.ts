// A masked round under members that answer, vanish and decline as they like.

import type { Identity } from '@starling/crypto';
import { SESSION_ATTEMPTS_MAX } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { MEMBERS, START_MS } from './history-fixture.ts';
import { MaskedHistory, PHASE_WITHIN_MS, TRAIN_WITHIN_MS } from './masked-history-fixture.ts';
import { nextStep } from './next-step.ts';
import type { Presence } from './presence.ts';
import { contributorsOf, isAggregating } from './round-state.ts';
import { DEFAULT_SCHEDULE } from './schedule/schedule.ts';

/** More steps than this without time passing would be an endless loop. */
const STEPS_MAX = 50;

/** Who speaks, who is away, who declines, and how much time passes then. */
interface Turn {
  readonly says: readonly boolean[];
  readonly away: readonly boolean[];
  readonly declines: readonly boolean[];
  readonly afterMs: number;
}

const seldom = fc.nat(9).map((drawn) => drawn === 0);
const each = (flag: fc.Arbitrary<boolean>) =>
  fc.array(flag, { minLength: MEMBERS.length, maxLength: MEMBERS.length });
const turn: fc.Arbitrary<Turn> = fc.record({
  says: each(seldom.map((isSeldom) => !isSeldom)),
  away: each(seldom),
  declines: each(seldom),
  afterMs: fc.constantFrom(0, 5_000, PHASE_WITHIN_MS, TRAIN_WITHIN_MS),
});

test('whatever members do, everyone is summed or missing once, and nothing is signed for twice', (t) => {
  let sums = 0;
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 40 }), (turns) => {
      const history = new MaskedHistory().open();
      for (const next of turns) if (isAggregating(history.log.round)) take(history, next);
      if (history.log.round.aggregate !== undefined) sums += 1;
      assertSound(history);
    }),
    { numRuns: 60 },
  );
  t.true(sums > 0);
});

test('a round in which nobody speaks any more ends by its deadlines alone', (t) => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 10 }), (turns) => {
      const history = new MaskedHistory().open();
      for (const next of turns) if (isAggregating(history.log.round)) take(history, next);
      const nobody = MEMBERS.map(() => false);
      const silence = {
        says: nobody,
        away: nobody,
        declines: nobody,
        afterMs: TRAIN_WITHIN_MS,
      };
      for (let i = 0; i < 5 * SESSION_ATTEMPTS_MAX; i++) {
        if (isAggregating(history.log.round)) take(history, silence);
      }
      return !isAggregating(history.log.round);
    }),
    { numRuns: 30 },
  );
  t.pass();
});

function take(history: MaskedHistory, { afterMs, away, declines, says }: Turn): void {
  const { log } = history;
  if (log.round.sessions.size > 0) {
    const { failed, phase } = history.session().state;
    const speakers = MEMBERS.filter((site, i) => says[i] && isAsked(history, site));
    if (failed === undefined && phase !== 'complete') history.say(phase, speakers);
  }
  log.nowMs += afterMs;
  for (let steps = 0; isAggregating(log.round); steps++) {
    if (steps > STEPS_MAX) throw new Error('the rules do not come to rest');
    if (!history.carryOut(nextStep(log.state, presence(history, away, declines), DEFAULT_SCHEDULE)))
      return;
  }
}

function presence(
  { log }: MaskedHistory,
  away: Turn['away'],
  declines: Turn['declines'],
): Presence {
  const declined = new Set(MEMBERS.filter((_, i) => declines[i]).map(({ member }) => member));
  const gone = MEMBERS.filter((_, i) => away[i]);
  return {
    nowMs: log.nowMs,
    awaySinceMs: new Map(gone.map(({ member }) => [member, START_MS])),
    watchedSinceMs: START_MS - 1_000_000,
    declined: new Map([...log.round.sessions.keys()].map((session) => [session, declined])),
  };
}

function isAsked(history: MaskedHistory, { member }: Identity): boolean {
  const { announced, phase, session } = history.session().state;
  if (phase === 'complete' || history.session().state[phase].has(member)) return false;
  const audience = [...announced.values()].findLast((each) => each.phase !== 'unmasking')?.members;
  return (audience ?? session.announce.participants).includes(member);
}

function assertSound({ log }: MaskedHistory): void {
  const { round } = log;
  const records = [...round.sessions.values()];
  const attempts = records.map(({ state }) => state.session.announce.attempt);
  const isInOrder = attempts.every((attempt, i) => attempt === i + 1);
  if (!isInOrder || attempts.length > SESSION_ATTEMPTS_MAX) throw new Error(`attempts ${attempts}`);
  const signed = records.findIndex(({ state }) => state.announced.has('signing'));
  if (signed >= 0 && signed < records.length - 1) throw new Error('an attempt follows signatures');
  if (round.aggregate === undefined) return;
  const named = [...contributorsOf(round), ...round.missing.map(({ member }) => member)].sort();
  if (named.join() !== round.plan.cohort.join()) throw new Error(`accounted for: ${named}`);
}
