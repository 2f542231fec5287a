// Steps of the registry: a rollback is a round without training, and a run may end early.

import { quorumSize } from '@starling/consensus';
import { MICROS } from '@starling/shared';
import { activePeers, type FederationState } from '../federation-state.ts';
import type { Step } from '../next-step.ts';
import type { Presence } from '../presence.ts';
import type { RoundState } from '../round-state.ts';
import { findVersion } from './model-registry.ts';
import { stoppingReason } from './version-metrics.ts';

/** What is due between rounds; undefined where the run goes on by itself. */
export function stepRegistry(state: FederationState, presence: Presence): Step | undefined {
  if (state.registry.restoring !== null) return stepRestoring(state, presence);
  const stop = stoppingReason(state);
  return stop && { kind: 'stop-run', ...stop };
}

/** A round that restores has nothing to wait for. */
export function stepRestoringRound({ plan }: RoundState): Step | undefined {
  return plan.restores && { kind: 'restore', version: plan.restores.version };
}

/** Opens as soon as a quorum is there to vote: nobody trains, so nobody has to be ready. */
function stepRestoring(state: FederationState, { awaySinceMs, nowMs }: Presence): Step {
  const { genesis, proposal, registry, roster } = state;
  if (roster.notAfterMs <= nowMs) {
    return { kind: 'wait', why: `roster ${roster.seq} has expired; its renewal is not signed` };
  }
  if (proposal !== undefined && proposal.signatures.size >= genesis.threshold) {
    return { kind: 'wait', why: `roster ${proposal.body.seq} comes into force first` };
  }
  const version = registry.restoring?.version ?? 0;
  const record = findVersion(state, version);
  if (record === undefined) return { kind: 'wait', why: `version ${version}, which is not known` };
  const voters = activePeers(roster).map(({ member }) => member);
  const present = voters.filter((member) => !awaySinceMs.has(member));
  const needed = voters.length === 0 ? 1 : quorumSize(voters.length);
  if (present.length < needed) {
    const count = `${present.length} of ${needed} sites`;
    return { kind: 'wait', why: `${count} that restore version ${version}` };
  }
  const { task } = genesis;
  const round = (state.round?.plan.round ?? 0) + 1;
  return {
    kind: 'open-round',
    plan: {
      baseVersion: state.versions.at(-1)?.version ?? 0,
      clippingNormMicros: task.clippingNormMicros,
      cohort: voters,
      restores: { model: record.model, version },
      roster: state.rosterDigest,
      round,
      seed: task.seed,
      training: task.training,
      trainWithinMs: 1,
      updatesMin: 1,
      voters,
    },
    selection: {
      absent: [],
      available: present,
      cohort: voters,
      overSelectionMicros: MICROS,
      round,
      scores: [],
      seed: task.seed,
      sizeMax: null,
      text: `version ${version} comes back: nobody trains, everyone votes`,
    },
  };
}
