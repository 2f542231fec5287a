// What a member of the engine snow must remember beside its votes: its one starting vote of an era,
// its one block of a view, and how the newest odd era opened.

import { type FrostyJournal, periodOf, type StartingVote } from '@starling/consensus';
import { readFrame } from '@starling/rules';
import {
  bytesSchema,
  type CborValue,
  type ChainCertificate,
  chainCertificateSchema,
  chainStall,
  decodeCanonical,
  encodeCanonical,
  type OpenedEra,
  RECORD_BYTES_MAX,
  uintSchema,
  z,
} from '@starling/shared';
import type { EpochTerms } from './chain-codec.ts';
import { type ChainJournal, ordinal } from './chain-journal.ts';
import { readOpened, statementOf } from './snow-codec.ts';

const erasSchema = z.strictObject({
  /** The even era that was entered last. */
  era: uintSchema,
  /** The last finalisation of the newest odd era. */
  finalization: chainCertificateSchema.nullable(),
  opened: z
    .strictObject({ certificate: chainCertificateSchema, openings: z.array(bytesSchema).min(1) })
    .nullable(),
});

export interface EraRecord {
  readonly era: number;
  readonly finalization: ChainCertificate | null;
  readonly opened: OpenedEra | null;
}

const NONE: EraRecord = Object.freeze({ era: 0, finalization: null, opened: null });

/** Invariant: one starting vote per era and one block per view, whatever is asked later. */
export class SnowJournal {
  readonly #journal: ChainJournal;
  readonly #epoch: number;

  constructor(journal: ChainJournal, epoch: number) {
    this.#journal = journal;
    this.#epoch = epoch;
  }

  async eras(): Promise<EraRecord> {
    const value = await this.#journal.get('era', [ordinal(this.#epoch)]);
    const decoded = value === undefined ? undefined : decodeCanonical(value, RECORD_BYTES_MAX);
    return (decoded?.ok ? erasSchema.safeParse(decoded.value).data : undefined) ?? NONE;
  }

  writeEras(record: EraRecord): Promise<void> {
    const value = encodeCanonical(record as unknown as CborValue);
    return this.#journal.write([{ kind: 'era', name: [ordinal(this.#epoch)], value }]);
  }

  /** The frame of this era's starting vote: this one, or the one that was there before. */
  startOnce(era: number, frame: Uint8Array): Promise<Uint8Array> {
    return this.#journal.putIfAbsent('start', [ordinal(this.#epoch), ordinal(era)], frame);
  }

  /** The frame of this view's block: this one, or the one that was there before. */
  proposeOnce(view: number, frame: Uint8Array): Promise<Uint8Array> {
    return this.#journal.putIfAbsent('proposal', [ordinal(this.#epoch), ordinal(view)], frame);
  }

  /** The frames of the starting votes from an era on. */
  async startFrames(fromEra: number): Promise<ReadonlyMap<number, Uint8Array>> {
    const frames = new Map<number, Uint8Array>();
    for await (const { name, value } of this.#journal.entries(['start'])) {
      const [epoch, era = 0] = name.map(Number);
      if (epoch === this.#epoch && era >= fromEra) frames.set(era, value);
    }
    return frames;
  }
}

export interface SnowRecords extends EraRecord {
  /** The signed starting votes of `era`, if polls were halted in it, and of later ones. */
  readonly startFrames: ReadonlyMap<number, Uint8Array>;
}

export async function readSnow(journal: SnowJournal): Promise<SnowRecords> {
  const record = await journal.eras();
  return { ...record, startFrames: await journal.startFrames(record.era) };
}

/** The records as the engine takes them; own votes are added by the caller. */
export function frostyRecords(
  { era, opened, startFrames }: SnowRecords,
  terms: EpochTerms,
): Omit<FrostyJournal<Uint8Array>, 'votes'> {
  const read = opened === null ? undefined : readOpened(opened, terms);
  const opening = read?.ok === true ? read.value.opening : undefined;
  // An opening of an era that is over says nothing about the next one.
  const first = opening?.blocks[0]?.header.view ?? 0;
  const isRunning = opening !== undefined && periodOf(first).era > era;
  const starts = new Map<number, StartingVote>();
  for (const [of, frame] of startFrames) {
    const { start } = statementOf(readFrame(frame, chainStall).body);
    if (start !== undefined) starts.set(of, start);
  }
  return { era, opening: isRunning ? opening : undefined, starts };
}
