// Which members a round asks, and why in words: from the log, who is there, and the round's seed.

import {
  type MemberId,
  MICROS,
  memberIdSchema,
  ROSTER_MEMBERS_MAX,
  SESSION_PARTICIPANTS_MIN,
  uint32Schema,
  uintSchema,
  z,
} from '@starling/shared';
import { activePeers, type FederationState } from '../federation-state.ts';
import { presentMember } from '../roster/fold-roster.ts';
import { contributorsOf, isOpen, type RoundState } from '../round-state.ts';
import type { Schedule } from './schedule.ts';
import { type Candidate, drawCohort } from './selection.ts';

/** Newest rounds by which a member's reliability is judged. */
export const RELIABILITY_ROUNDS = 16;

const memberList = z.array(memberIdSchema).max(ROSTER_MEMBERS_MAX);

/** The payload of `cohort-selected`, which comes just before the round's `round-opened`. */
export const cohortSelectionSchema = z.strictObject({
  /** Active peers that were not there: they are not in the cohort, and this is why. */
  absent: z
    .array(
      z.strictObject({
        member: memberIdSchema,
        reason: z.enum(['offline', 'not-ready', 'unregistered', 'not-drawn']),
      }),
    )
    .max(ROSTER_MEMBERS_MAX),
  /** Ready and connected, as the coordinator saw it; what else decides is in the log. */
  available: memberList,
  cohort: memberList,
  overSelectionMicros: uintSchema.min(MICROS),
  round: uintSchema.min(1),
  scores: z
    .array(z.strictObject({ member: memberIdSchema, weight: uintSchema }))
    .max(ROSTER_MEMBERS_MAX),
  seed: uint32Schema,
  sizeMax: uintSchema.min(1).nullable(),
  /** For people: how the cohort and its time came about. */
  text: z.string().max(2_000),
});

export type CohortSelection = z.infer<typeof cohortSelectionSchema>;

export interface SelectionTerms
  extends Pick<CohortSelection, 'overSelectionMicros' | 'round' | 'seed' | 'sizeMax'> {
  /** Ready and connected members. */
  readonly available: readonly MemberId[];
  /** What to say besides. */
  readonly notes: readonly string[];
}

/** Selects a round's cohort. The same state and terms give the same cohort everywhere. */
export function selectCohort(state: FederationState, terms: SelectionTerms): CohortSelection {
  const { available, notes, overSelectionMicros, round, seed, sizeMax } = terms;
  const size = sizeMax === null ? available.length : askedFor(state, sizeMax, overSelectionMicros);
  const candidates = available.map((member) => candidateOf(state, member));
  const { chosen, scores, waited } = drawCohort(candidates, size, seed);
  const asked = new Set(chosen);
  const there = new Set(available);
  const absent = activePeers(state.roster).flatMap(({ member }): CohortSelection['absent'] => {
    if (asked.has(member)) return [];
    const known = state.registrations.get(member);
    if (there.has(member)) return [{ member, reason: 'not-drawn' }];
    if (known === undefined) return [{ member, reason: 'unregistered' }];
    return [{ member, reason: known.ready ? 'offline' : 'not-ready' }];
  });
  const count = (reason: string) => absent.filter((each) => each.reason === reason).length;
  const others = (['offline', 'not-ready', 'unregistered'] as const)
    .filter((reason) => count(reason) > 0)
    .map((reason) => `${count(reason)} ${reason}`);
  const isEveryone = chosen.length === available.length;
  const how = isEveryone
    ? `all ${chosen.length} sites that are ready and connected`
    : `${chosen.length} of ${available.length} sites that are ready and connected: ` +
      `${waited.length} because they had waited longest, ${chosen.length - waited.length} drawn ` +
      `by the seed ${seed}, weighted by size, rounds waited and reliability`;
  return {
    absent,
    available: [...available].sort(),
    cohort: [...chosen],
    overSelectionMicros,
    round,
    scores: [...scores],
    seed,
    sizeMax,
    text: [how, ...(others.length > 0 ? [`without ${others.join(', ')}`] : []), ...notes].join(
      '; ',
    ),
  };
}

/** Why a recorded selection does not follow from the log before it; undefined when it does. */
export function selectionObjection(
  state: FederationState,
  recorded: CohortSelection,
): string | undefined {
  const again = selectCohort(state, { ...recorded, notes: [] });
  if (again.cohort.join() === recorded.cohort.join()) return undefined;
  return `round ${recorded.round} asked ${recorded.cohort.length} members, the log gives others`;
}

/** How many updates the round wants; undefined when it waits for everyone. */
export function updatesTargetOf(
  { cohort }: Schedule,
  selection: Pick<CohortSelection, 'cohort'>,
): number | undefined {
  if (cohort.sizeMax === null) return undefined;
  return Math.min(cohort.sizeMax, selection.cohort.length);
}

function askedFor({ genesis }: FederationState, sizeMax: number, overSelectionMicros: number) {
  const wanted = Math.ceil((sizeMax * overSelectionMicros) / MICROS);
  const isMasked = genesis.task.aggregation.mode === 'masked';
  return isMasked ? Math.max(wanted, SESSION_PARTICIPANTS_MIN) : wanted;
}

function candidateOf(state: FederationState, member: MemberId): Candidate {
  const all = [...state.roundHistory, ...(state.round === undefined ? [] : [state.round])];
  const closed = all.filter((round) => !isOpen(round));
  // A rollback asks nobody to train.
  const isAsked = ({ plan }: RoundState): boolean =>
    plan.restores === undefined &&
    plan.cohort.some((each) => presentMember(state, each) === member);
  const last = closed.findLastIndex(isAsked);
  const recent = closed.slice(-RELIABILITY_ROUNDS).filter(isAsked);
  const answered = recent.filter((round) =>
    contributorsOf(round).some((each) => presentMember(state, each) === member),
  );
  return {
    member,
    examples: state.registrations.get(member)?.examplesRounded ?? 0,
    waitedRounds: closed.length - 1 - last,
    asked: recent.length,
    answered: answered.length,
  };
}
