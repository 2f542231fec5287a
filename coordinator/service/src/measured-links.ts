// How fast members' payloads come, by what the coordinator pulls from them anyway.

import type { Links } from '@starling/rules';
import type { Clock, MemberId, PayloadExchange, PayloadRef } from '@starling/shared';
import { ROSTER_MEMBERS_MAX } from '@starling/shared';
import type { FederationLog } from './federation-log.ts';

/** Smaller payloads tell of a link's delay and not of its speed. */
export const MEASURED_BYTES_MIN = 64 * 1024;

interface World {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly payloads: Pick<PayloadExchange, 'fetch'>;
  readonly startingModel: Float32Array;
}

/** Whose roster says where a member is reached. */
interface Known {
  readonly state: Pick<FederationLog['state'], 'roster'>;
}

export class MeasuredLinks {
  readonly #world: World;
  readonly #log: Known;
  readonly #bytesPerS = new Map<MemberId, number>();

  constructor(world: World, log: Known) {
    this.#world = world;
    this.#log = log;
  }

  /** Pulls a payload from its author, noting how fast it came. @throws as the exchange does */
  async pull(member: MemberId, ref: PayloadRef, signal: AbortSignal): Promise<Uint8Array> {
    const { clock, payloads } = this.#world;
    const author = this.#log.state.roster.members.find((each) => each.member === member);
    const providers = author === undefined ? [] : [author.transportId];
    const startedMs = clock.monotonicMs();
    const bytes = await payloads.fetch(ref, { providers, signal });
    const tookMs = clock.monotonicMs() - startedMs;
    if (bytes.length >= MEASURED_BYTES_MIN && tookMs >= 1) {
      this.#note(member, (bytes.length * 1000) / tookMs);
    }
    return bytes;
  }

  /** The newest speed of each member that was measured. */
  get links(): Links {
    const payloadBytes = this.#world.startingModel.byteLength;
    return { payloadBytes, bytesPerS: this.#bytesPerS };
  }

  /** Keys of members come and go: the longest unheard is forgotten first. */
  #note(member: MemberId, bytesPerS: number): void {
    this.#bytesPerS.delete(member);
    this.#bytesPerS.set(member, bytesPerS);
    const [oldest] = this.#bytesPerS.keys();
    if (this.#bytesPerS.size > ROSTER_MEMBERS_MAX && oldest !== undefined) {
      this.#bytesPerS.delete(oldest);
    }
  }
}
