// A round's proof and payloads, checked from a coordinator's log.

import { type VerifiedRound, verifyRound } from '@starling/peer';
import { decodeEvent, type FederationState, foldEvent, versionProof } from '@starling/rules';
import { type Checked, type EventLog, PayloadError, type PayloadRef } from '@starling/shared';
import { RuntimeError } from './runtime-error.ts';

/** A verified round, or why it does not hold. */
export interface RoundVerification {
  readonly holds: boolean;
  /** What does not hold; empty when all does. */
  readonly detail: string;
  readonly verified: VerifiedRound | null;
}

/** Verifies a round of a coordinator's log. @throws {RuntimeError} `request-refused` */
export async function verifyFromLog(
  eventLog: EventLog,
  round: number,
  fetch: (ref: PayloadRef) => Promise<Uint8Array>,
): Promise<RoundVerification> {
  let state: FederationState | undefined;
  for await (const stored of eventLog.read(1)) state = foldEvent(state, decodeEvent(stored));
  const record = state?.versions.find((each) => each.round === round);
  if (state === undefined || record === undefined) {
    throw new RuntimeError('request-refused', `round ${round} made no version that is on record`);
  }
  const { version } = record;
  const trust = { federation: state.federation, genesis: state.genesis };
  return described(round, () => verifyRound(versionProof(record), version, trust, fetch));
}

/** The outcome as people and programs see it; a payload that is gone is a refusal. */
export async function described(
  round: number,
  verify: () => Promise<Checked<VerifiedRound>>,
): Promise<RoundVerification> {
  try {
    const found = await verify();
    return found.ok
      ? { holds: true, detail: '', verified: found.value }
      : {
          holds: false,
          detail: `${found.refusal.reason}: ${found.refusal.detail}`,
          verified: null,
        };
  } catch (cause) {
    if (!(cause instanceof PayloadError)) throw cause;
    const message =
      `what round ${round} was made from is not kept any more (${cause.message}): ` +
      'the coordinator keeps the newest rounds, "verifiableRounds" in its config';
    throw new RuntimeError('request-refused', message, { cause });
  }
}
