// Sampling of weight units without replacement: a member of weight w owns w units, so it may be
// drawn several times and its answer then counts as often. This is how k = 20 works on 5 members.

import type { RandomSource } from './random-source.ts';
import { UniformSampler } from './uniform-sampler.ts';

interface Owner {
  readonly index: number;
  readonly weight: number;
  /** Weight of this owner and of all owners below it in the heap. */
  subtreeWeight: number;
}

export class WeightedSampler {
  readonly totalWeight: number;
  readonly #units: UniformSampler;
  /** A heap over descending weights: the heavier an owner, the sooner it is found. */
  readonly #heap: readonly Owner[];

  /** @throws {RangeError} for a weight that is no safe integer >= 0, or a total beyond 2^53 - 1. */
  constructor(random: RandomSource, weights: readonly number[]) {
    this.totalWeight = sumOfWeights(weights);
    this.#heap = heapOf(weights);
    this.#units = new UniformSampler(random);
    this.#units.initialize(this.totalWeight);
  }

  /** Indices of the owners of `count` units; undefined when there are not so many units. */
  sample(count: number): number[] | undefined {
    if (count > this.totalWeight) return undefined;
    return this.#units.sample(count)?.map((unit) => ownerOf(this.#heap, unit));
  }
}

/** The sum of weights. @throws {RangeError} unless all are safe integers >= 0 and so is the sum. */
export function sumOfWeights(weights: readonly number[]): number {
  let total = 0;
  for (const weight of weights) {
    if (!Number.isSafeInteger(weight) || weight < 0) {
      throw new RangeError(`a weight of ${weight} is no integer from 0 to 2^53 - 1`);
    }
    total += weight;
    if (!Number.isSafeInteger(total)) throw new RangeError('weights overflow: sum > 2^53 - 1');
  }
  return total;
}

function heapOf(weights: readonly number[]): Owner[] {
  const heap = weights.map((weight, index) => ({ index, weight, subtreeWeight: weight }));
  heap.sort((a, b) => b.weight - a.weight || a.index - b.index);
  for (let at = heap.length - 1; at > 0; at -= 1) {
    const [child, parent] = [heap[at], heap[(at - 1) >> 1]];
    if (child !== undefined && parent !== undefined) parent.subtreeWeight += child.subtreeWeight;
  }
  return heap;
}

/** Walks down the heap: own units first, then those of the left subtree, then of the right. */
function ownerOf(heap: readonly Owner[], unit: number): number {
  let at = 0;
  let rest = unit;
  for (;;) {
    const owner = heap[at];
    if (owner === undefined) throw new RangeError(`unit ${unit} has no owner`);
    if (rest < owner.weight) return owner.index;
    rest -= owner.weight;
    at = 2 * at + 1;
    const leftWeight = heap[at]?.subtreeWeight ?? 0;
    if (rest < leftWeight) continue;
    rest -= leftWeight;
    at += 1;
  }
}
