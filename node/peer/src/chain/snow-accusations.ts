// What the engine snow says of members that contradict themselves, as evidence that others can check.

import type { CastStatement } from '@starling/consensus';
import type { EpochBlocks } from './epoch-blocks.ts';
import type { EpochVotes } from './epoch-votes.ts';
import type { Of } from './fed-engine.ts';
import { stallFrame } from './snow-codec.ts';
import type { SnowParts } from './snow-run.ts';

export type Accusation = Of<
  'conflicting-proposals' | 'evidence' | 'statement-evidence' | 'twin' | 'twin-statement'
>;

export interface AccusationParts extends Pick<SnowParts, 'host' | 'terms' | 'world'> {
  readonly blocks: EpochBlocks;
  readonly votes: EpochVotes;
}

/** Hands the frames that contradict each other on. Of two starting votes only the log tells. */
export function accuse(effect: Accusation, parts: AccusationParts): void {
  const { blocks, host, votes, world } = parts;
  switch (effect.kind) {
    case 'evidence':
      host.onContradiction(votes.frameOf(effect.first), votes.frameOf(effect.second));
      break;
    case 'conflicting-proposals': {
      const [a, b] = [effect.first.id, effect.second.id].map((id) => blocks.get(id)?.frame);
      if (a !== undefined && b !== undefined) host.onContradiction(a, b);
      break;
    }
    case 'twin':
      host.onTwin(votes.frameOf(effect.cast));
      break;
    case 'twin-statement':
      host.onTwin(frameOf(effect.cast, parts));
      break;
    default:
      world.logger.warn('a member signed two starting votes', { voter: effect.voter });
  }
}

function frameOf(
  { proof, statement, voter }: CastStatement<Uint8Array>,
  { terms }: AccusationParts,
): Uint8Array {
  const member = terms.membership.members[voter];
  if (member === undefined) throw new RangeError(`voter ${voter} is no member`);
  return stallFrame(terms, member.member, statement, proof);
}
