// What this member proposes under the engine snow: blocks, one per view for ever, and the openings of
// odd eras.

import { periodOf } from '@starling/consensus';
import { digestOf, sealMessage } from '@starling/crypto';
import { readBlock, readFrame } from '@starling/rules';
import { chainBlock, chainOpening, encodeCanonical } from '@starling/shared';
import { blockHeader } from './chain-codec.ts';
import type { Of, SnowPlaces } from './fed-engine.ts';
import { openingBody } from './snow-codec.ts';
import type { SnowParts } from './snow-run.ts';

export class SnowProposals {
  readonly #parts: SnowParts;
  readonly #places: SnowPlaces;
  /** Views whose block is being made. */
  readonly #building = new Set<number>();

  constructor(parts: SnowParts, places: SnowPlaces) {
    this.#parts = parts;
    this.#places = places;
  }

  async propose(asked: Of<'propose'>): Promise<void> {
    const { view } = asked;
    if (this.#building.has(view)) return;
    this.#building.add(view);
    try {
      await this.#propose(asked);
    } finally {
      this.#building.delete(view);
    }
  }

  /** An opening of an odd era, for its members to certify. */
  open({ parent, starts, view }: Of<'propose-opening'>): void {
    const { self, terms, world } = this.#parts;
    if (self === undefined) return;
    const { height, id, view: parentView } = parent;
    const place = { height: height + 1, leader: self, parent: id, parentView, view };
    const body = openingBody(terms, place, starts);
    const bytes = encodeCanonical(body);
    const { federation } = terms;
    const frame = sealMessage(world.identity, chainOpening, { federation, body });
    const header = { ...place, id: digestOf(bytes) };
    this.#places.openings.hold(header.id, { body: bytes, frame });
    this.#places.engine.feed((replica, nowMs) => replica.onOpening({ header, starts }, nowMs));
  }

  async #propose(asked: Of<'propose'>): Promise<void> {
    const { blocks, engine } = this.#places;
    const { host, terms } = this.#parts;
    const made = await this.#build(asked);
    const header = made === undefined ? undefined : blockHeader(made.read, terms);
    if (made === undefined || header?.ok !== true) {
      engine.feed((replica, nowMs) => replica.declineToPropose(asked.view, nowMs));
      return;
    }
    blocks.add(made.read, header.value, made.frame);
    engine.feed((replica, nowMs) => replica.onBlock(header.value, nowMs));
    // Without a vote to go with it, a block of an even era leaves at once.
    if (engine.status().period.kind === 'polls') await host.publish(made.frame);
  }

  /** The block of this view: a new one, or the one that was made before a restart. */
  async #build({ isFinishing, isTrailing, parent, view }: Of<'propose'>) {
    const { host, snowJournal } = this.#parts;
    const state = this.#places.blocks.stateBehind(parent.id);
    if (state === undefined) return undefined;
    const mayEndEpoch = periodOf(view).kind === 'certificates';
    const made = await host.propose(view, state, { isEmpty: isTrailing, isFinishing, mayEndEpoch });
    if (made === undefined) return undefined;
    const frame = await snowJournal.proposeOnce(view, made.frame);
    const read = readBlock(readFrame(frame, chainBlock).bodyBytes);
    return read.ok ? { frame, read: read.value } : undefined;
  }
}
