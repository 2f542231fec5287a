// What one entry does to a state, and states that entries are put into one after the other.

import type { Digest } from '@starling/shared';
import {
  type ChainState,
  type Kept,
  type ModelRecord,
  modelKey,
  type PatternBooks,
  type PatternRecord,
  type SettingRecord,
} from './chain-state.ts';
import type { Membership } from './membership.ts';

export interface StateChange {
  readonly books?: PatternBooks;
  /** Patterns that are no longer remembered. */
  readonly forgotten?: readonly Digest[];
  readonly model?: Kept<ModelRecord>;
  /** Who decides the next epoch; the epoch ends. */
  readonly next?: Membership;
  /** New records, and old ones that are now superseded. */
  readonly patterns?: readonly Kept<PatternRecord>[];
  readonly setting?: Kept<SettingRecord>;
}

/** A copy of a state that takes changes; the state itself stays as it is. */
export class StateDraft {
  readonly #patterns: Map<Digest, Kept<PatternRecord>>;
  readonly #models: Map<string, Kept<ModelRecord>>;
  readonly #settings: Map<string, Kept<SettingRecord>>;
  #state: ChainState;

  constructor(state: ChainState) {
    this.#patterns = new Map(state.patterns);
    this.#models = new Map(state.models);
    this.#settings = new Map(state.settings);
    const [models, patterns, settings] = [this.#models, this.#patterns, this.#settings];
    this.#state = { ...state, models, patterns, settings };
  }

  /** The state with all changes so far; it is not to be kept before the last one. */
  get state(): ChainState {
    return this.#state;
  }

  take({ books, forgotten = [], model, next, patterns = [], setting }: StateChange): void {
    for (const each of patterns) this.#patterns.set(each.record.id, each);
    for (const id of forgotten) this.#patterns.delete(id);
    if (model !== undefined) this.#models.set(keyOf(model.record), model);
    if (setting !== undefined) this.#settings.set(setting.record.name, setting);
    if (books !== undefined) this.#state = { ...this.#state, books };
    if (next === undefined) return;
    this.#state = { ...this.#state, next: { membership: next, tip: this.#state.tip } };
  }

  /** Forgets models until the newest `most` are left, and refuses their bases from then on. */
  keepModels(most: number): void {
    const excess = this.#models.size - most;
    if (excess <= 0) return;
    const oldest = [...this.#models.values()].map(({ record }) => record).sort(byBase);
    let floor = this.#state.modelFloor;
    for (const record of oldest.slice(0, excess)) {
      this.#models.delete(keyOf(record));
      floor = Math.max(floor, record.baseVersion + 1);
    }
    this.#state = { ...this.#state, modelFloor: floor };
  }
}

function keyOf({ baseVersion, model }: ModelRecord): string {
  return modelKey(model, baseVersion);
}

function byBase(a: ModelRecord, b: ModelRecord): number {
  return a.baseVersion - b.baseVersion;
}
