// What a reader missed since the log event that it names: the views as they are now of whatever may
// have changed. The log says when the next event was; no stream is stored.

import { type FederationEventFrame, frameOf } from './event-hub.ts';
import type { Leading } from './standing.ts';
import { viewEntry } from './views/ledger-lines.ts';
import { roundsKept, viewRound } from './views/round-view.ts';

/** Ledger entries that are told again; whoever missed more asks for everything anew. */
export const MISSED_ENTRIES_MAX = 1_000;

/** Oldest first; one `reset` when too much has happened, or the log is another one. */
export async function missedSince(
  seq: number,
  { coordinator, eventLog }: Leading,
): Promise<FederationEventFrame[]> {
  const { state } = coordinator;
  const id = state.head;
  if (seq > id) return reset(id, `the log has ${id} events, not ${seq}`);
  const members = coordinator.desk.members.map((member) => frameOf('member', id, member));
  const patterns = (coordinator.observedChain()?.patterns ?? []).map((each) =>
    frameOf('pattern', id, each),
  );
  // Neither stands in the log.
  const others = [...members, ...patterns];
  if (seq === id) return others;
  const sinceMs = await timeAfter(seq, eventLog);
  const rounds = roundsKept(state);
  const entries = state.ledger.entries.filter((entry) => entry.seq > seq);
  const [oldest] = rounds;
  const isKept = oldest === undefined || oldest.plan.round === 1 || oldest.openedAtMs < sinceMs;
  if (!isKept) return reset(id, 'rounds that were missed are not in memory any more');
  if (entries.length > MISSED_ENTRIES_MAX) {
    return reset(id, `${entries.length} ledger entries were missed`);
  }
  const missed = rounds.filter((round) => (round.closedAtMs ?? sinceMs) >= sinceMs);
  const versions = coordinator.models
    .versions()
    .filter(({ finalisedAtMs }) => finalisedAtMs >= sinceMs);
  return [
    ...missed.map((round) => frameOf('round', id, viewRound(round))),
    ...others,
    ...versions.reverse().map((version) => frameOf('version', id, version)),
    ...(entries.length === 0
      ? []
      : [frameOf('ledger', id, { entries: entries.map(viewEntry).reverse() })]),
  ];
}

async function timeAfter(seq: number, eventLog: Leading['eventLog']): Promise<number> {
  for await (const { atMs } of eventLog.read(seq + 1)) return atMs;
  return Number.POSITIVE_INFINITY;
}

function reset(id: number, why: string): FederationEventFrame[] {
  return [frameOf('reset', id, { reason: `${why}: ask for everything anew` })];
}
