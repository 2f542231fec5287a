import { IndexObserver } from '../observe/index-observer.ts';
import type { InspectionMeter } from '../observe/publish-inspection.ts';
import type { ObservedResult } from '../observe/search-workload.ts';
import type { SearchOptions } from '../vector-index.ts';
import type { CollectionCore } from './collection-core.ts';
import { type CollectionInspection, inspectSegments } from './inspect-segments.ts';
import { readWorkload, removeWorkload, writeWorkload } from './workload-file.ts';

/**
 * Watches an open collection: takes note of its searches, remembers a sample of the queries in the
 * folder, and looks at its graphs.
 */
export class CollectionObserver {
  readonly #core: CollectionCore;
  readonly #observer: IndexObserver;
  /** Searches that the file of the folder knows of. */
  #keptSearches = 0;

  private constructor(core: CollectionCore, observer: IndexObserver) {
    this.#core = core;
    this.#observer = observer;
  }

  /** A damaged sample is left out: it is worth no collection that does not open. */
  static async open(core: CollectionCore, meter?: InspectionMeter): Promise<CollectionObserver> {
    const { folder, options, storage } = core;
    const observer = new IndexObserver({ seed: options.seed }, meter);
    if (options.observe && options.keepQueries) {
      const kept = readWorkload(storage, folder, options.dimension);
      observer.workload.restore(await kept.catch(() => []));
    }
    return new CollectionObserver(core, observer);
  }

  /** Takes note of a search; O(1). Of its options only k and width are kept, never a filter. */
  record(query: Float32Array, result: ObservedResult, options: SearchOptions): void {
    if (!this.#core.options.observe) return;
    const { efSearch, k } = options;
    this.#observer.record(query, result, efSearch === undefined ? { k } : { k, efSearch });
  }

  async inspect(signal?: AbortSignal): Promise<CollectionInspection> {
    const { options, queue, segments } = this.#core;
    const inspection = await inspectSegments(
      { segments, options, exclusive: (job) => queue.exclusive(job) },
      this.#observer.workload,
      this.#observer.options,
      signal,
    );
    this.#observer.publish(inspection);
    return inspection;
  }

  /** Writes the sample when it is new. A failure loses it and nothing else. */
  async keep(): Promise<void> {
    const { folder, options, storage } = this.#core;
    const { sample, searches } = this.#observer.workload;
    try {
      if (!options.keepQueries) await removeWorkload(storage, folder);
      else if (searches > this.#keptSearches && sample.length > 0) {
        await writeWorkload(storage, folder, sample);
        this.#keptSearches = searches;
      }
    } catch {
      // The disk may be full; checkpoints and closing do not depend on the sample.
    }
  }

  /**
   * Forgets all queries, here and in the folder.
   *
   * @throws IndexError `storage-failed`; the queries may still be in the folder then
   */
  async forget(): Promise<void> {
    const { folder, storage } = this.#core;
    this.#observer.workload.forget();
    await removeWorkload(storage, folder);
  }
}
