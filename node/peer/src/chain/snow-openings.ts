// Openings of odd eras at one member: their bytes, and how the newest odd era opened, on the disk and
// for whoever is behind.

import type { DecidedOpening } from '@starling/consensus';
import type { ChainCertificate, Digest, Logger, OpenedEra } from '@starling/shared';
import type { EpochTerms } from './chain-codec.ts';
import type { HeldOpening } from './chain-run.ts';
import { openingBytes, wireOpened } from './snow-codec.ts';
import type { EraRecord, SnowJournal } from './snow-journal.ts';

/** Openings whose bytes are kept. */
export const OPENINGS_HELD_MAX = 64;

export class SnowOpenings {
  readonly #journal: SnowJournal;
  readonly #terms: EpochTerms;
  readonly #logger: Logger;
  readonly #held = new Map<Digest, HeldOpening>();
  #record: EraRecord;

  constructor(journal: SnowJournal, terms: EpochTerms, record: EraRecord, logger: Logger) {
    this.#journal = journal;
    this.#terms = terms;
    this.#logger = logger;
    const { era, finalization, opened } = record;
    this.#record = { era, finalization, opened };
  }

  get opened(): OpenedEra | undefined {
    return this.#record.opened ?? undefined;
  }

  /** The last finalisation of the newest odd era: it shows all of that era to be final. */
  get finalization(): ChainCertificate | undefined {
    return this.#record.finalization ?? undefined;
  }

  get(id: Digest): HeldOpening | undefined {
    return this.#held.get(id);
  }

  hold(id: Digest, opening: HeldOpening): void {
    const frame = opening.frame ?? this.#held.get(id)?.frame;
    this.#held.delete(id);
    this.#held.set(id, { body: opening.body, frame });
    const [oldest] = this.#held.keys();
    if (this.#held.size > OPENINGS_HELD_MAX && oldest !== undefined) this.#held.delete(oldest);
  }

  /** An odd era has opened. */
  open(era: number, opening: DecidedOpening<Uint8Array>): void {
    for (const block of opening.blocks) {
      this.hold(block.header.id, { body: openingBytes(this.#terms, block), frame: undefined });
    }
    const opened = wireOpened(this.#terms, opening);
    this.#write({ era: era - 1, finalization: null, opened });
  }

  finalised(finalization: ChainCertificate): void {
    this.#write({ ...this.#record, finalization });
  }

  /** An even era has begun. */
  enter(era: number): void {
    this.#write({ ...this.#record, era });
  }

  /** In the turn in which it became known, before any vote that follows from it. */
  #write(record: EraRecord): void {
    this.#record = record;
    this.#journal.writeEras(record).catch((error: unknown) => {
      const detail = error instanceof Error ? error.message : String(error);
      this.#logger.error('an era was not written down', { detail });
    });
  }
}
