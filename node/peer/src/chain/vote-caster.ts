// How a vote leaves this site: signed, on the disk, and only then said. What was said once is said
// again byte for byte.

import type { SimplexVote } from '@starling/consensus';
import { signStatement } from '@starling/crypto';
import { readFrame } from '@starling/rules';
import { chainVote, encodeCanonical, equalBytes } from '@starling/shared';
import { type EpochTerms, voteBody, voteFrame, voteOf } from './chain-codec.ts';
import type { ChainJournal } from './chain-journal.ts';
import type { ChainWorld } from './chain-world.ts';

export interface Ballot {
  readonly vote: SimplexVote;
  readonly signature: Uint8Array;
  readonly frame: Uint8Array;
}

/** Invariant: two ballots of one view and slot never leave; the store holds the one that stands. */
export class VoteCaster {
  readonly #world: ChainWorld;
  readonly #terms: EpochTerms;
  readonly #journal: ChainJournal;
  readonly #ballots = new Map<string, Ballot>();

  constructor(
    world: ChainWorld,
    terms: EpochTerms,
    journal: ChainJournal,
    before: readonly Ballot[],
  ) {
    this.#world = world;
    this.#terms = terms;
    this.#journal = journal;
    for (const ballot of before) this.#ballots.set(nameOf(ballot.vote), ballot);
  }

  ballotOf(vote: SimplexVote): Ballot | undefined {
    return this.#ballots.get(nameOf(vote));
  }

  get ballots(): readonly Ballot[] {
    return [...this.#ballots.values()];
  }

  /** Forgets the ballots of decided views. */
  forgetUntil(view: number): void {
    for (const [name, { vote }] of this.#ballots) if (vote.view <= view) this.#ballots.delete(name);
  }

  /**
   * Resolves to the ballot once it is on the disk; to undefined when another one stands there.
   * @throws {PeerStoreError} and then the vote must not be said
   */
  async cast(vote: SimplexVote): Promise<Ballot | undefined> {
    const known = this.ballotOf(vote);
    if (known !== undefined) return known;
    const { identity } = this.#world;
    const { epoch, federation } = this.#terms;
    const bodyBytes = encodeCanonical(voteBody(this.#terms, vote));
    const signature = signStatement(identity, chainVote, federation, bodyBytes);
    const frame = voteFrame(this.#terms, identity.member, vote, signature);
    const slot = vote.kind === 'notarize' ? 'notarize' : 'close';
    const standing = await this.#journal.castOnce(epoch, vote.view, slot, frame);
    const ballot = equalBytes(standing, frame) ? { vote, signature, frame } : ballotIn(standing);
    if (nameOf(ballot.vote) !== nameOf(vote)) return undefined;
    this.#ballots.set(nameOf(vote), ballot);
    return ballot;
  }
}

/** A ballot as the journal holds it. @throws {RulesError} `corrupt-log` */
export function ballotIn(frame: Uint8Array): Ballot {
  const { body, signature } = readFrame(frame, chainVote);
  return { vote: voteOf(body), signature, frame };
}

function nameOf(vote: SimplexVote): string {
  return `${vote.view}/${vote.kind}/${vote.kind === 'nullify' ? '' : vote.block}`;
}
