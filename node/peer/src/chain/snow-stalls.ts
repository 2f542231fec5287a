// This member's own stall statements: signed, the one starting vote of an era on the disk first, and
// only then said. What was said once is said again byte for byte.

import type { CastStatement, StallStatement } from '@starling/consensus';
import { sealMessage } from '@starling/crypto';
import { readFrame } from '@starling/rules';
import { chainStall } from '@starling/shared';
import type { EpochTerms } from './chain-codec.ts';
import type { ChainWorld } from './chain-world.ts';
import type { SendingOrder } from './sending-order.ts';
import { stallBody, statementOf } from './snow-codec.ts';
import type { SnowJournal, SnowRecords } from './snow-journal.ts';

export interface SnowStallsParts {
  readonly world: ChainWorld;
  readonly terms: EpochTerms;
  readonly journal: SnowJournal;
  readonly order: SendingOrder;
  readonly self: number | undefined;
  publish(frame: Uint8Array): Promise<void>;
  /** Told of each own statement that may be said. */
  onSaid(cast: CastStatement<Uint8Array>): void;
}

export class SnowStalls {
  readonly #parts: SnowStallsParts;
  /** The frames that may be said, of the present era: `stuck`, `start`. */
  readonly #frames = new Map<string, Uint8Array>();

  constructor(parts: SnowStallsParts, { startFrames }: SnowRecords) {
    this.#parts = parts;
    for (const [era, frame] of startFrames) this.#frames.set(`${era}/start`, frame);
  }

  say(statement: StallStatement): void {
    const { journal, order, publish, terms, world } = this.#parts;
    const { federation } = terms;
    const body = stallBody(terms, statement);
    const frame = sealMessage(world.identity, chainStall, { federation, body });
    const { era, start } = statement;
    const written = start === undefined ? Promise.resolve(frame) : journal.startOnce(era, frame);
    order.say(async () => {
      const standing = await written;
      // Where another one stands on the disk, it alone may be said.
      this.#frames.set(nameOf(statement), standing);
      this.#tell(standing);
      await publish(standing);
    });
  }

  repeat(statement: StallStatement): void {
    const frame = this.#frames.get(nameOf(statement));
    if (frame === undefined) return;
    // After a restart the engine knows what it said, and not yet the proof of it.
    this.#tell(frame);
    void this.#parts.publish(frame);
  }

  /** Forgets the statements of eras before this one. */
  entered(era: number): void {
    for (const name of this.#frames.keys()) {
      if (Number(name.split('/')[0]) < era) this.#frames.delete(name);
    }
  }

  #tell(frame: Uint8Array): void {
    const { onSaid, self } = this.#parts;
    if (self === undefined) return;
    const { body, signature } = readFrame(frame, chainStall);
    onSaid({ voter: self, statement: statementOf(body), proof: signature });
  }
}

function nameOf({ era, start }: StallStatement): string {
  return `${era}/${start === undefined ? 'stuck' : 'start'}`;
}
