// Which payloads a coordinator keeps.

import { type FederationState, restorableVersions } from '@starling/rules';

/**
 * Content roots that are still asked for: the newest versions with their bases, versions that can be
 * restored, and what the newest rounds are verified from.
 */
export function payloadsInUse(state: FederationState, verifiableRounds: number): Set<string> {
  const keep = new Set<string>();
  for (const { model, base } of state.versions.slice(-2)) keep.add(model.root).add(base);
  for (const { model } of restorableVersions(state)) keep.add(model.root);
  const rounds = [...state.roundHistory, ...(state.round === undefined ? [] : [state.round])];
  const finals = rounds.filter(({ phase }) => phase === 'final').slice(-verifiableRounds);
  for (const { aggregate: summed, plan, sessions, updates } of finals) {
    keep.add(plan.base);
    if (summed !== undefined) keep.add(summed.body.model.root).add(summed.body.updates.root);
    for (const { body } of updates.values()) keep.add(body.payload.root);
    for (const { state: session } of sessions.values()) {
      for (const { body } of session.masked.values()) keep.add(body.payload.root);
    }
  }
  return keep;
}
