// Blocks that others decided, as this site's decisions.

import type { FollowedChain, ProvedRun } from '@starling/rules';
import type { Clock } from '@starling/shared';
import { checkpointOf } from './checkpoints.ts';
import type { DecidedChain, Decision } from './decided-chain.ts';
import { decisionsOf } from './decisions.ts';

export function followedDecisions(decided: DecidedChain, clock: Clock): FollowedChain {
  const decisions = ({ blocks, certificate }: ProvedRun): readonly Decision[] =>
    decisionsOf(blocks, certificate, {
      decidedAtMs: clock.nowMs(),
      poll: null,
      polled: null,
      undecidedMs: null,
    });
  return {
    get state() {
      return decided.state;
    },
    take: (run) => decided.take(decisions(run)),
    jump: async (state, ends, run) => {
      const [first] = run.blocks;
      if (first === undefined) throw new RangeError('a run has at least one block');
      const checkpoint = checkpointOf(state, first.body);
      await decided.jump(checkpoint, ends.flatMap(decisions), decisions(run));
    },
  };
}
