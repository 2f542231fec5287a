// What a strategy remembers between rounds: named float32 arrays that a resumed run brings back.

import { type ArrayRecord, firstNonFinite } from '@starling/shared';
import { RulesError } from '../rules-error.ts';

/** Invariant: either nothing is remembered, or every name of the strategy is. */
export class ServerState {
  readonly #strategy: string;
  readonly #names: readonly string[];
  #arrays: ArrayRecord = {};

  constructor(strategy: string, names: readonly string[]) {
    this.#strategy = strategy;
    this.#names = names;
  }

  /**
   * What is remembered under a name, or `elements` times `start`.
   * @throws {RulesError} `invalid-options` when it belongs to a model of another size
   */
  read(name: string, elements: number, start = 0): Float32Array {
    const array = this.#arrays[name];
    if (array === undefined) return new Float32Array(elements).fill(start);
    if (array.length === elements) return array;
    const message = `${this.#strategy}: ${name} has ${array.length} elements, not ${elements}`;
    throw new RulesError('invalid-options', message);
  }

  /** Takes over all arrays at once; they belong to the state from now on. */
  write(arrays: ArrayRecord): void {
    this.#arrays = arrays;
  }

  /** A copy of everything. */
  copy(): ArrayRecord {
    return copyOf(this.#arrays);
  }

  /** @throws {RulesError} `invalid-options` for other names and for values that are not finite */
  restore(state: ArrayRecord): void {
    const given = Object.keys(state).sort();
    const expected = [...this.#names].sort();
    if (given.length > 0 && given.join() !== expected.join()) {
      const message = `${this.#strategy} keeps ${expected.join(', ')}, not ${given.join(', ')}`;
      throw new RulesError('invalid-options', message);
    }
    for (const [name, array] of Object.entries(state)) {
      const at = firstNonFinite(array);
      if (at < 0) continue;
      throw new RulesError('invalid-options', `${this.#strategy}: ${name}[${at}] is ${array[at]}`);
    }
    this.write(copyOf(state));
  }
}

function copyOf(arrays: ArrayRecord): ArrayRecord {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()]));
}
