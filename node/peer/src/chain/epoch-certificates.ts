// The certificates of an epoch's undecided views: on the disk, and shown to whoever asks.

import type { SimplexVote } from '@starling/consensus';
import type { ReadBlock } from '@starling/rules';
import { type CborValue, type ChainCertificate, encodeCanonical } from '@starling/shared';
import { type ChainJournal, ordinal } from './chain-journal.ts';

/** Invariant: at most three per undecided view. */
export class EpochCertificates {
  readonly #journal: ChainJournal;
  readonly #kept = new Map<string, ChainCertificate>();

  constructor(journal: ChainJournal) {
    this.#journal = journal;
  }

  get(view: number, kind: SimplexVote['kind']): ChainCertificate | undefined {
    return this.#kept.get(`${view}/${kind}`);
  }

  /** Written in the turn in which it became known, so that a vote on it shares its flush. */
  keep(certificate: ChainCertificate): void {
    const { epoch, kind, view } = certificate.vote;
    const name = [ordinal(epoch), ordinal(view), kind];
    const value = encodeCanonical(certificate as CborValue);
    // One that is lost is fetched again.
    void this.#journal.write([{ kind: 'certificate', name, value }]).catch(() => undefined);
    this.#kept.set(`${view}/${kind}`, certificate);
  }

  /** A block that this site votes for: after a restart it can still show it. */
  keepBlock({ block, body, id }: ReadBlock): void {
    const name = [ordinal(block.epoch), ordinal(block.view), id];
    void this.#journal.write([{ kind: 'candidate', name, value: body }]).catch(() => undefined);
  }

  decided(view: number): void {
    for (const [name, { vote }] of this.#kept) if (vote.view <= view) this.#kept.delete(name);
  }
}
