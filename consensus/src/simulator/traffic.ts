// What polls cost on a wire. A query names instance, height and poll; a chit three digests; both
// are authenticated by the channel. A poll asks k peers, itself perhaps among them.

export const QUERY_BYTES = 96;
export const CHIT_BYTES = 160;

export interface Traffic {
  readonly messages: number;
  readonly bytes: number;
}

/** Queries and answers of `polls` polls of `k` peers each, when everybody answers. */
export function pollTraffic(polls: number, k: number): Traffic {
  return { messages: 2 * polls * k, bytes: polls * k * (QUERY_BYTES + CHIT_BYTES) };
}
