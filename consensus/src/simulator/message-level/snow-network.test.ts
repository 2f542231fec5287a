import test from 'ava';
import type { SimulatedRun } from '../run-outcome.ts';
import { Xoshiro128 } from '../xoshiro.ts';
import { SnowMessageNetwork, type SnowMessageSetting } from './snow-network.ts';

const SETTING: SnowMessageSetting = {
  weights: new Uint32Array(40).fill(1),
  adversaryShare: 0,
  adversary: 'silent',
  k: 10,
  alphaPreference: 6,
  alphaConfidence: 8,
  beta: 10,
  split: 0.5,
  level: 0.65,
  delayMs: 50,
  loss: 0,
  crash: undefined,
  partition: undefined,
  limitMs: 120_000,
};

test('peers that poll at their own pace agree, each time the same from one seed', (t) => {
  const runs = runsOf({}, 20);
  t.deepEqual(runsOf({}, 20), runs);
  for (const { ending, first, last, shares } of runs) {
    t.is(ending, 'agreed');
    t.true((first ?? 0) >= 10 * 2 * 20, 'ten polls take ten round trips');
    t.true(last < 10_000);
    t.is(shares[0], 0.5);
    t.true(shares.at(-1) === 0 || shares.at(-1) === 1);
  }
});

test('every query and every chit is counted', (t) => {
  for (const { bytes, messages, polls } of runsOf({ split: 1 }, 5)) {
    // Own answers are not sent; every poll of a whole network asks some nine others.
    t.true(messages > polls * 15 && messages < polls * 20);
    t.true(bytes > messages * 100 && bytes < messages * 160);
  }
});

test('losses, liars and weights slow peers down, and change nothing else', (t) => {
  const weights = Uint32Array.from({ length: 40 }, (_, peer) => 1 + (peer % 5));
  const calm = meanLast(runsOf({ split: 0.8 }, 10));
  for (const change of [
    { loss: 0.02 },
    { adversary: 'minority', adversaryShare: 0.1 },
    { adversary: 'silent', adversaryShare: 0.1 },
  ] as const) {
    const runs = runsOf({ split: 0.8, ...change }, 10);
    t.true(
      runs.every(({ ending }) => ending === 'agreed'),
      JSON.stringify(change),
    );
    t.true(meanLast(runs) > calm, JSON.stringify(change));
  }
  t.true(runsOf({ weights }, 10).every(({ ending }) => ending === 'agreed'));
});

test('a network in two halves decides after the cut heals', (t) => {
  const partition = { share: 0.5, from: 0, until: 8000 };
  for (const { ending, first } of runsOf({ partition, split: 0.9 }, 10)) {
    t.is(ending, 'agreed');
    t.true((first ?? 0) > 8000);
  }
});

test('a crashed peer polls when it is back', (t) => {
  const crash = { share: 0.1, from: 200, until: 9000 };
  for (const { ending, first, last } of runsOf({ crash, split: 0.9 }, 10)) {
    t.is(ending, 'agreed');
    t.true((first ?? 9000) < 9000 && last > 9000);
  }
});

test('a run without enough answers is given up in time, undecided', (t) => {
  for (const { ending, last } of runsOf({ adversaryShare: 0.4, limitMs: 20_000 }, 3)) {
    t.is(ending, 'undecided');
    t.true(last <= 20_000.2);
  }
});

test('a holder with a third of the peers breaks polls here too', (t) => {
  const runs = runsOf({ adversary: 'holder', adversaryShare: 0.33, split: 0.65 }, 20);
  t.true(runs.filter(({ ending }) => ending === 'conflict').length >= 15);
});

function runsOf(change: Partial<SnowMessageSetting>, runs: number): SimulatedRun[] {
  const network = new SnowMessageNetwork({ ...SETTING, ...change });
  return Array.from({ length: runs }, (_, run) => network.run(Xoshiro128.seeded(1, run)));
}

function meanLast(runs: readonly SimulatedRun[]): number {
  return runs.reduce((sum, { last }) => sum + last, 0) / runs.length;
}
