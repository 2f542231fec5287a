// How rounds are timed, who is asked and what counts as enough: one object in place of many timeouts.

import { SESSION_ATTEMPTS_MAX, STALENESS_MAX, z } from '@starling/shared';
import { RulesError } from '../rules-error.ts';

const count = z.int().positive();
const share = z.number().min(0).max(1);

/** Longest time that any bound of a schedule may name: a week, in milliseconds. */
export const SCHEDULE_MS_MAX = 7 * 24 * 3_600_000;

const durationMs = count.max(SCHEDULE_MS_MAX);

function boundsOf(startMs: number, minMs: number, maxMs: number) {
  return z
    .strictObject({
      /** Before anything was measured. */
      startMs: durationMs.default(startMs),
      minMs: durationMs.default(minMs),
      maxMs: durationMs.default(maxMs),
    })
    .prefault({});
}

/** Every field with its default; shares are between 0 and 1. */
export const scheduleSchema = z
  .strictObject({
    mode: z.enum(['synchronous', 'asynchronous']).default('synchronous'),
    /** What has to be there before a round opens. */
    quorum: z
      .strictObject({
        sites: count.default(2),
        /**
         * Share of the registered examples that ready and connected sites have; at least `coverageMin`,
         * whatever stands here.
         */
        examplesShare: share.default(0),
        /** After this a round opens without that share, and its selection says so. */
        gatherWithinMs: durationMs.default(600_000),
      })
      .prefault({}),
    /** Share of the registered examples below which a round fails; 0: none is declared. */
    coverageMin: share.default(0),
    /** Fewest updates that make a version. */
    survivorsMin: count.default(2),
    cohort: z
      .strictObject({
        /** Updates wanted of a round; null: everyone who is there is asked. */
        sizeMax: count.nullable().default(null),
        /** How many are asked for each one wanted; the round closes when enough answered. */
        overSelection: z.number().min(1).max(4).default(1),
      })
      .prefault({}),
    training: boundsOf(120_000, 120_000, 7_200_000),
    /** One phase of a secure aggregation. */
    phase: boundsOf(30_000, 30_000, 600_000),
    deadline: z
      .strictObject({
        /** Of a site's recent durations, the one that is expected of it. */
        quantile: share.default(0.9),
        /** Times what is expected. */
        factor: z.number().min(1).max(100).default(3),
        /** Newest rounds that are measured. */
        rounds: count.max(100).default(16),
        /** Of a site whose link was not measured, in kilobits a second. */
        linkKbitPerS: count.default(4_000),
      })
      .prefault({}),
    grace: z
      .strictObject({
        /** How long a disconnected member may be away before a round stops waiting for it. */
        offlineMs: durationMs.default(3_000),
        /** How long after its own restart a coordinator waits for members to connect again. */
        returnMs: durationMs.default(20_000),
      })
      .prefault({}),
    late: z
      .strictObject({
        /** Versions that an update may come too late and still count; 0: none does. */
        stalenessMax: z.int().min(0).max(STALENESS_MAX).default(1),
      })
      .prefault({}),
    /** Secure aggregations that a group tries in one round, of five phases each. */
    attemptsMax: count.max(SESSION_ATTEMPTS_MAX).default(SESSION_ATTEMPTS_MAX),
    roundsInFlight: count.default(1),
  })
  .superRefine((schedule, context) => {
    for (const { message, path } of objectionsTo(schedule)) {
      context.addIssue({ code: 'custom', message, path: [...path] });
    }
  });

export type Schedule = z.output<typeof scheduleSchema>;
/** A schedule as a person writes it: what has a default may be left out. */
export type ScheduleInput = z.input<typeof scheduleSchema>;

/** @throws {RulesError} `invalid-options` with every field at fault and the inequality it breaks */
export function parseSchedule(input: ScheduleInput): Schedule {
  const parsed = scheduleSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ message, path }) => `${path.join('.')}: ${message}`);
  throw new RulesError('invalid-options', `schedule: ${problems.join('; ')}`);
}

export const DEFAULT_SCHEDULE: Schedule = Object.freeze(parseSchedule({}));

interface Objection {
  readonly path: readonly string[];
  readonly message: string;
}

function objectionsTo(schedule: Schedule): Objection[] {
  const { cohort, mode, quorum, roundsInFlight, survivorsMin } = schedule;
  const found: Objection[] = [];
  const demand = (holds: boolean, message: string, ...path: string[]): void => {
    if (!holds) found.push({ message, path });
  };
  for (const name of ['training', 'phase'] as const) {
    const { maxMs, minMs, startMs } = schedule[name];
    demand(minMs <= maxMs, `${minMs} > maxMs ${maxMs}`, name, 'minMs');
    demand(minMs <= startMs, `${startMs} < minMs ${minMs}`, name, 'startMs');
    demand(startMs <= maxMs, `${startMs} > maxMs ${maxMs}`, name, 'startMs');
  }
  const { overSelection, sizeMax } = cohort;
  const fewest = `survivorsMin ${survivorsMin}`;
  demand(quorum.sites >= survivorsMin, `${quorum.sites} < ${fewest}`, 'quorum', 'sites');
  if (sizeMax !== null) {
    demand(sizeMax >= survivorsMin, `${sizeMax} < ${fewest}`, 'cohort', 'sizeMax');
  }
  const isSized = overSelection === 1 || sizeMax !== null;
  const whole = `${overSelection} > 1, but without a sizeMax everyone is asked already`;
  demand(isSized, whole, 'cohort', 'overSelection');
  const buffered =
    'updates of real sites are signed for one plan and summed by everyone again; buffered ones ' +
    '(FedBuff) run in `starling simulate` only. late.stalenessMax takes updates that come late';
  demand(mode === 'synchronous', buffered, 'mode');
  const oneByOne = `${roundsInFlight} > 1: a round starts from the version that the last one made`;
  demand(roundsInFlight === 1, oneByOne, 'roundsInFlight');
  return found;
}
