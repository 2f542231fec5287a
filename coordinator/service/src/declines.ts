// Members that said that they take no part in a session any more. Not in the log: whoever is left out
// for it is recorded when the phase closes, and a restarted coordinator waits for its time instead.

import { audienceOf } from '@starling/crypto';
import { currentSessions, isAggregating } from '@starling/rules';
import type { Digest, MemberId } from '@starling/shared';
import type { FederationLog } from './federation-log.ts';

export class Declines {
  readonly #log: FederationLog;
  readonly #bySession = new Map<Digest, Set<MemberId>>();

  constructor(log: FederationLog) {
    this.#log = log;
  }

  get all(): ReadonlyMap<Digest, ReadonlySet<MemberId>> {
    return this.#bySession;
  }

  /** True when the session runs and waits for this member. */
  take(session: Digest, member: MemberId): boolean {
    const { round } = this.#log.state;
    const running = round === undefined || !isAggregating(round) ? [] : currentSessions(round);
    const ids = running.map(({ state }) => state.session.id);
    for (const id of this.#bySession.keys()) if (!ids.includes(id)) this.#bySession.delete(id);
    const record = running.find(({ state }) => state.session.id === session);
    if (record === undefined || !audienceOf(record.state).includes(member)) return false;
    const members = this.#bySession.get(session) ?? new Set();
    this.#bySession.set(session, members.add(member));
    return true;
  }
}
