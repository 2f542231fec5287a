// Which starting votes a leader proposes to open an era with.

import type { CastStart } from './stall-book.ts';
import { type StartingBlock, startingBlock, supports } from './statement.ts';

/**
 * All votes at hand when they make a start that the leader accepts itself; else, since any n - f
 * votes make a valid one, those that run through what it decided, filled up with others.
 */
export function chooseStarts<Proof>(
  starts: readonly CastStart<Proof>[],
  { decided, quorum }: { readonly decided: StartingBlock; readonly quorum: number },
  mayStartOn: (block: StartingBlock) => boolean | undefined,
): readonly CastStart<Proof>[] | undefined {
  const isFriend = ({ statement }: CastStart<Proof>) => supports(statement.start, decided);
  const friends = starts.filter(isFriend);
  const others = starts.filter((start) => !isFriend(start));
  const few = [...friends, ...others.slice(0, Math.max(0, quorum - friends.length))];
  few.sort((a, b) => a.voter - b.voter);
  return [starts, few].find((choice) => {
    if (choice.length < quorum) return false;
    const block = startingBlock(choice.map(({ statement }) => statement.start));
    return block !== undefined && mayStartOn(block) === true;
  });
}
