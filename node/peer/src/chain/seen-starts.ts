// The newest starting vote that was seen of each member: what a member whose journal is lost asks for,
// so that it never signs a second one in its era.

import type { CastStatement } from '@starling/consensus';
import { type MemberId, ROSTER_MEMBERS_MAX } from '@starling/shared';
import type { EpochTerms } from './chain-codec.ts';
import { stallFrame } from './snow-codec.ts';

interface SeenStart {
  readonly epoch: number;
  readonly era: number;
  /** The frame is made when somebody asks. */
  readonly frame: () => Uint8Array;
}

/** Members of this epoch and those before it. */
const MEMBERS_MAX = 2 * ROSTER_MEMBERS_MAX;

/** Invariant: only what its member signed; in memory, and in the openings on the disk. */
export class SeenStarts {
  readonly #newest = new Map<MemberId, SeenStart>();

  /** Notes statements whose signatures hold; those without a start are passed over. */
  note(statements: readonly CastStatement<Uint8Array>[], terms: EpochTerms): void {
    const { epoch, membership } = terms;
    for (const { proof, statement, voter } of statements) {
      const member = membership.members[voter]?.member;
      if (member === undefined || statement.start === undefined) continue;
      const { era } = statement;
      const known = this.#newest.get(member);
      const isOlder = known !== undefined && (known.epoch - epoch || known.era - era) >= 0;
      if (isOlder) continue;
      const frame = () => stallFrame(terms, member, statement, proof);
      this.#newest.delete(member);
      this.#newest.set(member, { epoch, era, frame });
      const [oldest] = this.#newest.keys();
      if (this.#newest.size > MEMBERS_MAX && oldest !== undefined) this.#newest.delete(oldest);
    }
  }

  of(member: MemberId): Uint8Array | undefined {
    return this.#newest.get(member)?.frame();
  }
}
