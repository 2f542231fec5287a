// A certified version as the state keeps it: with everything that proves it.

import type {
  Digest,
  FinalVersion,
  MemberId,
  ModelCertificate,
  PayloadRef,
} from '@starling/shared';
import type { FederationState } from './federation-state.ts';
import { contributorsOf, type RoundState } from './round-state.ts';
import { RulesError } from './rules-error.ts';

export interface VersionRecord {
  readonly version: number;
  readonly round: number;
  readonly model: PayloadRef;
  readonly base: Digest;
  readonly certificate: ModelCertificate;
  readonly planFrame: Uint8Array;
  readonly aggregateFrame: Uint8Array;
  readonly rosterFrame: Uint8Array;
  /** Members whose updates are in it. */
  readonly contributors: readonly MemberId[];
}

/** What proves a version to whoever asks. */
export function versionProof(record: VersionRecord): FinalVersion {
  return {
    outcome: 'final',
    aggregate: record.aggregateFrame,
    certificate: record.certificate,
    model: record.model,
    plan: record.planFrame,
    roster: record.rosterFrame,
  };
}

/** @throws {RulesError} `impossible-event` for a round without a sum */
export function versionRecord(
  state: Pick<FederationState, 'rosterFrames'>,
  round: RoundState,
  certificate: ModelCertificate,
): VersionRecord {
  const aggregate = round.aggregate?.body;
  const aggregateFrame = round.aggregate?.frame;
  const rosterFrame = state.rosterFrames.get(round.plan.roster);
  if (aggregate === undefined || aggregateFrame === undefined || rosterFrame === undefined) {
    throw new RulesError('impossible-event', `round ${round.plan.round} is final without a sum`);
  }
  return {
    version: aggregate.version,
    round: aggregate.round,
    model: aggregate.model,
    base: aggregate.base,
    certificate,
    planFrame: round.planFrame,
    aggregateFrame,
    rosterFrame,
    contributors: contributorsOf(round),
  };
}
