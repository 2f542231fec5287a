// Who shares masks with whom: everyone with everyone, or a Harary graph, a ring in which each member
// is joined to the degree / 2 nearest on both sides. The order of the ring is drawn from a beacon
// that nobody could choose. Bell et al., SecAgg+ (2020), sections 3 and 4.

import type { Digest, MemberId, SessionGraph } from '@starling/shared';
import { domainHash, uint64Bytes } from '../digest.ts';

/** Most participants of a complete graph; above, the Harary graph costs less. */
export const COMPLETE_PARTICIPANTS_MAX = 100;

/**
 * The neighbours of `self`, sorted. Depends on the set of participants, not on their order.
 * @throws {RangeError} when a participant stands there twice, `self` is none of them, or the degree
 * is odd, below 2 or not below the number of participants.
 */
export function neighboursOf(
  graph: SessionGraph,
  participants: readonly MemberId[],
  self: MemberId,
): MemberId[] {
  const ring = ringOf(graph, participants);
  const position = ring.order.indexOf(ring.sorted.indexOf(self));
  if (position < 0) throw new RangeError(`${self} is not a participant`);
  return neighboursAt(graph, ring, position);
}

/**
 * The sorted neighbours of every participant at once, for those who relay to all.
 * @throws {RangeError} as `neighboursOf`.
 */
export function neighbourhoods(
  graph: SessionGraph,
  participants: readonly MemberId[],
): ReadonlyMap<MemberId, MemberId[]> {
  const ring = ringOf(graph, participants);
  const { order, sorted } = ring;
  return new Map(
    Array.from(order, (place, i) => [sorted[place] as MemberId, neighboursAt(graph, ring, i)]),
  );
}

/** Participants by their places in ascending order: numbers are sorted faster than ids. */
interface Ring {
  readonly sorted: readonly MemberId[];
  /** Places in the order of the ring; ascending in a complete graph. */
  readonly order: Uint32Array;
}

function neighboursAt(graph: SessionGraph, { order, sorted }: Ring, position: number): MemberId[] {
  if (graph.kind === 'complete') return sorted.filter((_, i) => i !== position);
  const places = new Uint32Array(graph.degree);
  for (let step = 1; step <= graph.degree / 2; step++) {
    places[2 * step - 2] = order[(position + step) % order.length] as number;
    places[2 * step - 1] = order[(position - step + order.length) % order.length] as number;
  }
  return Array.from(places.sort(), (place) => sorted[place] as MemberId);
}

function ringOf(graph: SessionGraph, participants: readonly MemberId[]): Ring {
  const sorted = [...participants].sort();
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i] === sorted[i - 1]) {
      throw new RangeError(`participant ${sorted[i]} stands there twice`);
    }
  }
  const order = Uint32Array.from(sorted, (_, i) => i);
  if (graph.kind === 'complete') return { sorted, order };
  const { degree, beacon } = graph;
  if (!Number.isInteger(degree) || degree < 2 || degree % 2 !== 0 || degree >= sorted.length) {
    throw new RangeError(
      `degree ${degree} must be even, at least 2 and below ${sorted.length} participants`,
    );
  }
  shuffle(order, beaconNumbers(beacon));
  return { sorted, order };
}

/** Fisher and Yates: every order is equally likely. `below(m)` draws from 0 … m − 1. */
function shuffle(items: Uint32Array, below: (bound: number) => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(i + 1);
    const moved = items[i] as number;
    items[i] = items[j] as number;
    items[j] = moved;
  }
}

/** Numbers below a bound from SHA3-256 in counter mode; rejects what would favour small ones. */
function beaconNumbers(beacon: Digest): (bound: number) => number {
  const seed = Buffer.from(beacon, 'hex');
  let block = Buffer.alloc(0);
  let counter = 0;
  const next = (): number => {
    if (block.length === 0) {
      block = Buffer.from(domainHash('starling/psa1/graph', seed, uint64Bytes(counter)));
      counter += 1;
    }
    const value = block.readUInt32BE();
    block = block.subarray(4);
    return value;
  };
  return (bound) => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let value = next();
    while (value >= limit) value = next();
    return value % bound;
  };
}
