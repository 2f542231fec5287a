// What stays in memory of a round that closed a while ago: what a status tells of it, without the
// frames, which are in the log.

import type { RoundState } from './round-state.ts';
import type { SessionRecord } from './session-record.ts';

/** Newest closed rounds that stay whole: these are verified from their payloads. */
export const WHOLE_ROUNDS_MAX = 8;

const NO_BYTES = new Uint8Array();

/** The round without frames and without what its sessions' members said to each other. */
export function closedRound(round: RoundState): RoundState {
  const bare = { bodyBytes: NO_BYTES, frame: NO_BYTES, signature: NO_BYTES };
  return {
    ...round,
    updates: mapped(round.updates, (update) => ({ ...update, ...bare })),
    votes: mapped(round.votes, (vote) => ({ ...vote, bodyBytes: NO_BYTES, signature: NO_BYTES })),
    sessions: mapped(round.sessions, closedSession),
  };
}

/** Survivors keep their signatures, whose size a status tells. */
function closedSession(record: SessionRecord): SessionRecord {
  const { state } = record;
  return {
    ...record,
    leaves: new Map(),
    phaseFrames: [],
    state: {
      ...state,
      keys: new Map(),
      shares: new Map(),
      unmask: new Map(),
      masked: mapped(state.masked, (masked) => ({ ...masked, frame: NO_BYTES })),
      equivocated: mapped(state.equivocated, () => NO_BYTES),
      survivors: mapped(state.survivors, (said) => ({ ...said, frame: NO_BYTES })),
    },
  };
}

function mapped<K, V>(map: ReadonlyMap<K, V>, of: (value: V) => V): Map<K, V> {
  return new Map([...map].map(([key, value]) => [key, of(value)]));
}
