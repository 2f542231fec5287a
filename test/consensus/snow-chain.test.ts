// Chains that are decided by polls, and by certificates when polls are stuck: seeded clusters with
// delays, losses, crashes, partitions and liars, in which nobody decides differently and all go on.

import {
  DEFAULT_SNOW_PARAMETERS,
  engineTraffic,
  runSnowChain,
  SNOW_CHAIN_ADVERSARIES,
  type SnowChainSpec,
  type SnowParameters,
} from '@starling/consensus';
import test from 'ava';

/** Everybody is asked, so an even split holds for ever. */
function full(members: number, faulty: number): SnowParameters {
  const [alphaPreference, alphaConfidence] = [Math.floor(members / 2) + 1, members - faulty];
  const poll = { k: members, alphaPreference, alphaConfidence, beta: 1, concurrentRepolls: 1 };
  return { ...DEFAULT_SNOW_PARAMETERS, ...poll };
}

const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

function agreeing(count: number, spec: Partial<SnowChainSpec>) {
  return seeds(count).map((seed) => {
    const outcome = runSnowChain({ limitMs: 300_000, ...spec, seed });
    const { violations, undecided, forks } = outcome;
    if (violations.length > 0 || undecided.length > 0 || forks > 0) {
      throw new Error(`seed ${seed}: ${JSON.stringify({ violations, undecided, forks })}`);
    }
    return outcome;
  });
}

const sizes = [
  [4, 0],
  [7, 1],
  [10, 1],
  [20, 3],
] as const;

for (const [members, faulty] of sizes) {
  const cluster = { members, faulty, byzantine: faulty, heights: 12, certificateBlocks: 2 };
  const parameters = full(members, faulty);

  test(`${members} members, ${faulty} silent: an even split ends by certificates, then polls go on`, (t) => {
    const outcomes = agreeing(8, { ...cluster, parameters, isSplit: true });
    for (const { certificateEras, certified, metastable } of outcomes) {
      t.true(certificateEras >= 1);
      t.true(certified > 0);
      t.true(metastable > 0);
    }
  });

  test(`${members} members in peace decide by polls alone`, (t) => {
    for (const outcome of agreeing(4, { ...cluster, byzantine: 0, parameters })) {
      t.is(outcome.certificateEras, 0);
      t.is(outcome.certified, 0);
      t.is(outcome.evidence, 0);
    }
  });

  test(`${members} members in two parts that meet again agree and go on`, (t) => {
    const partitions = { partitions: 2, faultsWithinMs: 3000, faultMsMax: 15_000 };
    t.is(agreeing(8, { ...cluster, parameters, isSplit: true, ...partitions }).length, 8);
  });
}

for (const adversary of SNOW_CHAIN_ADVERSARIES) {
  test(`with losses, crashes and partitions nobody decides differently: ${adversary} liars`, (t) => {
    for (const [members, faulty] of [
      [6, 1],
      [7, 1],
      [13, 2],
      [20, 3],
    ] as const) {
      const parameters = full(members, faulty);
      const faults = { loss: 0.05, crashes: 2, partitions: 1, flushMs: 5, delaySigma: 0.5 };
      const cluster = { members, faulty, byzantine: faulty, heights: 8, certificateBlocks: 2 };
      const spec = { ...cluster, ...faults, parameters, adversary, isSplit: true };
      t.is(agreeing(10, spec).length, 10);
    }
  });
}

test('a storm of crashes: what was not flushed was never said, and nobody contradicts itself', (t) => {
  const parameters = full(7, 1);
  const storm = { crashes: 30, faultsWithinMs: 20_000, faultMsMax: 3000, flushMs: 10 };
  const cluster = { members: 7, faulty: 1, heights: 10, certificateBlocks: 3 };
  const outcomes = agreeing(10, { ...cluster, ...storm, parameters, loss: 0.02 });
  t.true(outcomes.every(({ evidence }) => evidence === 0));
});

test('sampled polls break an even split by themselves', (t) => {
  const outcomes = agreeing(3, { members: 20, faulty: 3, byzantine: 3, heights: 4, isSplit: true });
  t.true(outcomes.every(({ certificateEras }) => certificateEras === 0));
});

test('in peace polls cost fewer bytes than certificates, and small samples more messages', (t) => {
  for (const members of [10, 20]) {
    const rows = engineTraffic(members, { faulty: 1, heights: 10, seed: 1 });
    const [certificates, everybody, sample] = rows;
    t.deepEqual(
      rows.map(({ engine }) => engine),
      ['simplex', 'snow', 'snow'],
    );
    if (certificates === undefined || everybody === undefined || sample === undefined) return;
    t.true(everybody.messages < certificates.messages);
    t.true(everybody.bytes < certificates.bytes / 4);
    t.true(sample.messages > certificates.messages);
    t.true(sample.bytes < certificates.bytes);
  }
});

test('a run is the same every time, and another one with another seed', (t) => {
  const spec = { members: 7, faulty: 1, byzantine: 1, loss: 0.05, crashes: 1, heights: 3 };
  const [first, again, other] = [1, 1, 2].map((seed) => runSnowChain({ ...spec, seed }));
  t.deepEqual(first, again);
  t.not(first?.digest, other?.digest);
});

test('parameters whose bound misses the target are refused, with the number', (t) => {
  const parameters = { ...DEFAULT_SNOW_PARAMETERS, k: 6, alphaPreference: 4, alphaConfidence: 5 };
  const thrown = t.throws(() => {
    return runSnowChain({ members: 7, faulty: 1, parameters: { ...parameters, beta: 4 } });
  });
  t.regex(thrown?.message ?? '', /probability up to [\d.e+-]+ per round, the target is 1e-15/);
});
