// Scenarios of commonware's simplex that need delays, losses and adversaries, each with many seeds.

import { faultTolerance, type MessageLevelSpec, runMessageLevel } from '@starling/consensus';
import test from 'ava';

const SEEDS = Array.from({ length: 30 }, (_, i) => i + 1);

/** Runs a scenario with every seed: everybody decides, nobody differently. */
function agreeing(spec: Partial<MessageLevelSpec>) {
  return SEEDS.map((seed) => runMessageLevel({ members: 7, heights: 5, ...spec, seed })).map(
    (outcome) => {
      if (outcome.violations.length > 0 || outcome.undecided.length > 0) {
        throw new Error(`seed ${outcome.seed}: ${JSON.stringify(outcome.violations)}`);
      }
      return outcome;
    },
  );
}

test('all_online: five heights in little more than five times the delay of three hops', (t) => {
  for (const { evidence, simulatedMs, decided } of agreeing({ members: 10 })) {
    t.is(evidence, 0);
    t.is(decided.length, 10);
    t.true(simulatedMs < 1500);
  }
});

test('unclean_shutdown: what was not flushed at a crash was never said', (t) => {
  const outcomes = agreeing({ crashes: 6, flushMs: 20, heights: 8, faultsWithinMs: 2000 });
  t.true(outcomes.every(({ evidence }) => evidence === 0));
});

test('slow_validator: one with ten times the delay slows nobody down', (t) => {
  for (const { decided } of agreeing({ slow: 1 })) {
    const times = decided.map(({ decisions }) => decisions[0]?.atMs ?? Number.POSITIVE_INFINITY);
    times.sort((a, b) => a - b);
    t.true((times[4] ?? Number.POSITIVE_INFINITY) < 2500);
  }
});

test('slow_and_lossy_links: a third lost and delays all over the place', (t) => {
  t.is(agreeing({ loss: 0.3, delaySigma: 1, delayMedianMs: 150 }).length, SEEDS.length);
});

test('conflicter: who says two things to everybody is proven to have lied', (t) => {
  const outcomes = agreeing({ adversary: 'conflicter', byzantine: 2 });
  t.true(outcomes.every(({ evidence }) => evidence > 0));
});

test('equivocator: two blocks for two halves, votes to match, and still one decision', (t) => {
  t.is(agreeing({ adversary: 'equivocator', byzantine: 2, loss: 0.1 }).length, SEEDS.length);
});

test('nuller: who nullifies every view holds up nothing for good', (t) => {
  t.is(agreeing({ adversary: 'nuller', byzantine: 2, loss: 0.1 }).length, SEEDS.length);
});

test('outdated: votes and blocks for the past change nothing', (t) => {
  t.is(agreeing({ adversary: 'outdated', byzantine: 2, loss: 0.1 }).length, SEEDS.length);
});

test('twins: one key in two places splits nobody', (t) => {
  t.is(agreeing({ adversary: 'twin', byzantine: 2, loss: 0.1 }).length, SEEDS.length);
});

test('split views: halves that are told to go on and to give up end up together', (t) => {
  t.is(agreeing({ adversary: 'splitter', byzantine: 2, loss: 0.1 }).length, SEEDS.length);
});

test('withheld blocks are fetched from those that voted for them', (t) => {
  t.is(agreeing({ adversary: 'withholder', byzantine: 2, loss: 0.1 }).length, SEEDS.length);
});

test('hailstorm: forty crashes in twenty seconds, each with a restart', (t) => {
  const storm = { crashes: 40, faultsWithinMs: 20_000, faultMsMax: 2000, flushMs: 5 };
  t.is(agreeing({ ...storm, heights: 12, loss: 0.05 }).length, SEEDS.length);
});

test('weights: members of different weight agree, liars below a third of it', (t) => {
  const weights = [9, 9, 8, 6, 4, 3, 2, 2, 1, 1];
  const outcomes = agreeing({ members: 10, weights, adversary: 'mixed', byzantine: 1 });
  t.is(outcomes.length, SEEDS.length);
});

test('determinism: the same seed gives the same digest under every adversary', (t) => {
  for (const adversary of ['mixed', 'twin', 'silent'] as const) {
    const byzantine = faultTolerance(10);
    const spec = { members: 10, byzantine, adversary, loss: 0.1, crashes: 3, seed: 77 };
    t.is(runMessageLevel(spec).digest, runMessageLevel(spec).digest);
  }
});
