import test from 'ava';
import { DEFAULT_SCHEDULE, parseSchedule, type ScheduleInput } from './schedule.ts';

test('what is left out has its default, and the defaults break no rule', (t) => {
  t.deepEqual(parseSchedule({}), DEFAULT_SCHEDULE);
  const longer = parseSchedule({ training: { maxMs: 3_600_000 } });
  t.deepEqual(longer.training, { startMs: 120_000, minMs: 120_000, maxMs: 3_600_000 });
});

const WRONG: readonly (readonly [ScheduleInput, RegExp])[] = [
  [{ survivorsMin: 3 }, /quorum\.sites: 2 < survivorsMin 3/],
  [{ training: { minMs: 200_000 } }, /training\.startMs: 120000 < minMs 200000/],
  [
    { phase: { maxMs: 10_000 } },
    /phase\.minMs: 30000 > maxMs 10000; phase\.startMs: 30000 > maxMs/,
  ],
  [{ cohort: { sizeMax: 1 } }, /cohort\.sizeMax: 1 < survivorsMin 2/],
  [{ cohort: { overSelection: 1.5 } }, /cohort\.overSelection: 1\.5 > 1, but without a sizeMax/],
  [{ roundsInFlight: 2 }, /roundsInFlight: 2 > 1: a round starts from the version/],
  [{ mode: 'asynchronous' }, /mode: updates of real sites are signed for one plan/],
  [{ coverageMin: 1.1 }, /coverageMin: /],
  [{ late: { stalenessMax: 9 } }, /late\.stalenessMax: /],
  [{ attemptsMax: 6 }, /attemptsMax: /],
];

for (const [input, message] of WRONG) {
  test(`${JSON.stringify(input)} is refused with what it breaks`, (t) => {
    t.throws(() => parseSchedule(input), { code: 'invalid-options', message });
  });
}
