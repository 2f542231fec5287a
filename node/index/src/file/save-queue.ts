import type { StorageOptions } from '../vector-index.ts';
import { type Section, writeSectionFile } from './section-file.ts';

/** Writes the snapshots of one index in the order in which they were taken. */
export class SaveQueue {
  #last: Promise<void> = Promise.resolve();

  /** Writes one snapshot after all earlier ones; rejects only for its own failure. */
  add(
    folder: string,
    head: Readonly<Record<string, unknown>>,
    sections: readonly Section[],
    options: StorageOptions,
  ): Promise<void> {
    const written = this.#last.then(() => writeSectionFile(folder, head, sections, options));
    this.#last = written.catch(() => undefined);
    return written;
  }
}
