// Where this member is, as it tells the others.

import type { ChainState } from '@starling/consensus';
import type { ChainStatus } from '@starling/shared';
import { shownVote } from './chain-codec.ts';
import type { ChainRun } from './chain-run.ts';

export function statusBody(run: ChainRun, { collection, epoch, tip }: ChainState): ChainStatus {
  const { best, view } = run.status();
  const shown = best === undefined ? null : shownVote(best.vote);
  return { best: shown, collection, decided: tip.id, epoch, height: tip.height, view };
}
