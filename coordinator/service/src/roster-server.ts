// Answers members that were away with the rosters they missed, so that each follows the chain.

import { openMessage, sealMessage } from '@starling/crypto';
import { decodeEvent } from '@starling/rules';
import type { Sequence } from '@starling/shared';
import { rosterRequest, rosterResponse } from '@starling/shared';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';

export class RosterServer {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #sequence: Sequence;

  constructor(world: CoordinatorDependencies, log: FederationLog, sequence: Sequence) {
    this.#world = world;
    this.#log = log;
    this.#sequence = sequence;
  }

  /** Answers a member's request; anyone else, and a number that is no roster's, gets none. */
  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    const { clock, identity } = this.#world;
    const { federation, roster } = this.#log.state;
    const request = openMessage(bytes, rosterRequest, {
      federation,
      nowMs: clock.nowMs(),
      keyOf: (sender) => roster.members.find(({ member }) => member === sender)?.publicKey,
    });
    const body = { roster: request.ok ? await this.#roster(request.value.body.seq) : null };
    return sealMessage(identity, rosterResponse, { federation, body, ...this.#sequence.stamp() });
  }

  /** From the log: a federation of years has more rosters than belong into memory. */
  async #roster(seq: number): Promise<Uint8Array | null> {
    const at = this.#log.state.rosterEvents[seq - 1];
    if (at === undefined) return null;
    for await (const stored of this.#world.eventLog.read(at)) {
      const event = decodeEvent(stored);
      return event.type === 'roster-changed' ? event.payload.roster : null;
    }
    return null;
  }
}
