// The newest vote that was seen of each member: what a member whose journal is lost asks for, so that
// it never votes twice.

import type { SignatureClaim, VerificationQueue } from '@starling/crypto';
import { type ChainCertificate, type MemberId, ROSTER_MEMBERS_MAX } from '@starling/shared';
import { type EpochTerms, voteClaim, voteFrame, voteOf } from './chain-codec.ts';

export interface VotePlace {
  readonly epoch: number;
  readonly view: number;
  /** 0: notarize, 1: nullify or finalize, which come after it. */
  readonly rank: 0 | 1;
}

export interface SeenVote extends VotePlace {
  readonly claim: SignatureClaim;
  /** The frame is made when somebody asks. */
  readonly frame: () => Uint8Array;
}

/** Members of this epoch and those before it. */
const MEMBERS_MAX = 2 * ROSTER_MEMBERS_MAX;

interface Newest {
  /** Its signature holds. */
  proved?: SeenVote;
  /** Newer, its signature not verified. */
  heard?: SeenVote;
}

/** Invariant: a forged vote never hides a true one. */
export class HighestVotes {
  readonly #queue: VerificationQueue;
  readonly #newest = new Map<MemberId, Newest>();

  constructor(queue: VerificationQueue) {
    this.#queue = queue;
  }

  note(member: MemberId, seen: SeenVote): void {
    const newest = this.#newest.get(member) ?? {};
    if (this.#queue.isKnown(seen.claim)) {
      if (isNewer(seen, newest.proved)) newest.proved = seen;
    } else if (isNewer(seen, newest.proved) && isNewer(seen, newest.heard)) {
      newest.heard = seen;
    }
    this.#newest.delete(member);
    this.#newest.set(member, newest);
    const [oldest] = this.#newest.keys();
    if (this.#newest.size > MEMBERS_MAX && oldest !== undefined) this.#newest.delete(oldest);
  }

  /** The votes of a certificate whose signatures hold. */
  noteCertificate({ proofs, vote }: ChainCertificate, terms: EpochTerms): void {
    const said = voteOf(vote);
    const place = { epoch: vote.epoch, view: vote.view, rank: rankOf(vote) };
    for (const { signature, voter } of proofs) {
      const member = terms.membership.members[voter];
      if (member === undefined) continue;
      const frame = () => voteFrame(terms, member.member, said, signature);
      const claim = voteClaim(terms, member, said, signature);
      this.note(member.member, { ...place, claim, frame });
    }
  }

  /** The newest vote of a member whose signature holds; undefined when none was seen. */
  async of(member: MemberId): Promise<SeenVote | undefined> {
    const newest = this.#newest.get(member);
    const { heard } = newest ?? {};
    if (newest !== undefined && heard !== undefined && isNewer(heard, newest.proved)) {
      if ((await this.#queue.check(heard.claim)) === 'holds') newest.proved = heard;
      if (newest.heard === heard) delete newest.heard;
    }
    return newest?.proved;
  }
}

export function isNewer(a: VotePlace, b: VotePlace | undefined): boolean {
  if (b === undefined) return true;
  return a.epoch - b.epoch > 0 || (a.epoch === b.epoch && isLater(a, b));
}

export function rankOf({ kind }: { readonly kind: string }): 0 | 1 {
  return kind === 'notarize' ? 0 : 1;
}

function isLater(a: VotePlace, b: VotePlace): boolean {
  return a.view > b.view || (a.view === b.view && a.rank > b.rank);
}
