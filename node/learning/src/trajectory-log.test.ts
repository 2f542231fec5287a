import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { LearningError } from './learning-error.ts';
import { type Trajectory, TrajectoryLog } from './trajectory-log.ts';

function trajectory(latencyMicros: number): Trajectory {
  const distanceComputations = latencyMicros * 2;
  return { startedAtMs: 5, latencyMicros, k: 10, efSearch: 64, distanceComputations, hits: 10 };
}

testProp(
  'the log keeps the newest trajectories in order and never more than its capacity',
  [fc.integer({ min: 1, max: 20 }), fc.array(fc.nat(), { maxLength: 70 })],
  (t, capacity, latencies) => {
    const log = new TrajectoryLog(capacity);
    for (const latency of latencies) log.record(trajectory(latency));
    const kept = latencies.slice(-capacity);
    t.deepEqual(log.entries(), kept.map(trajectory));
    t.is(log.summary()?.count, kept.length || undefined);
    t.is(log.summary()?.recorded, latencies.length || undefined);
  },
  { seed: 201 },
);

test('percentiles are measured latencies, by nearest rank', (t) => {
  const log = new TrajectoryLog();
  for (let latency = 200; latency >= 1; latency--) log.record(trajectory(latency));
  t.deepEqual(log.summary(), {
    count: 200,
    recorded: 200,
    latencyP50Micros: 100,
    latencyP99Micros: 198,
    distanceComputationsMean: 201,
  });
});

test('one trajectory is its own summary', (t) => {
  const log = new TrajectoryLog(1);
  log.record(trajectory(7));
  const { latencyP50Micros, latencyP99Micros } = log.summary() ?? {};
  t.deepEqual([latencyP50Micros, latencyP99Micros], [7, 7]);
});

test('a negative or unmeasured number is refused and nothing is recorded', (t) => {
  const log = new TrajectoryLog(4);
  for (const latency of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    const error = t.throws(() => log.record(trajectory(latency)), { instanceOf: LearningError });
    t.is(error.code, 'invalid-trajectory');
  }
  t.is(log.summary(), undefined);
});

test('a log without room or without a bound is refused', (t) => {
  for (const capacity of [0, -1, 1.5, Number.POSITIVE_INFINITY, 1_000_001]) {
    t.throws(() => new TrajectoryLog(capacity), { instanceOf: LearningError });
  }
});
