// What can be refused of a message about the chain before its signature is verified.

import { type ChainState, patternObjection } from '@starling/consensus';
import {
  type ChainBlock,
  type ChainStatus,
  chainBlock,
  chainOpening,
  chainStall,
  chainStatus,
  type MemberId,
  type Opened,
  type PatternProposal,
  patternProposal,
  type Refusal,
  refusal,
  type SettingProposal,
  settingProposal,
} from '@starling/shared';
import { staleObjection } from './chain-pool.ts';

/** What such a message tells all the same. */
export interface EarlyHost {
  /** True when the status says something that this site does not know. */
  isNews(status: ChainStatus): boolean;
  /** Somebody says, perhaps, what it knows: it may be behind. */
  onOldNews(status: ChainStatus): void;
  onAhead(member: MemberId): void;
}

export function earlyObjection(
  { body, sender, type }: Opened<unknown>,
  state: ChainState,
  host: EarlyHost,
): Refusal | undefined {
  switch (type) {
    case chainBlock.type:
    case chainOpening.type:
    case chainStall.type:
      return epochObjection(sender, (body as ChainBlock).epoch, state, host);
    case chainStatus.type:
      if (host.isNews(body as ChainStatus)) return undefined;
      host.onOldNews(body as ChainStatus);
      return refusal('stale-round', 'the status says nothing new');
    case patternProposal.type:
      return patternObjection((body as PatternProposal).pattern, state);
    case settingProposal.type:
      return staleObjection(body as SettingProposal, state);
    default:
      return undefined;
  }
}

export function epochObjection(
  sender: MemberId,
  epoch: number,
  state: ChainState,
  host: EarlyHost,
): Refusal | undefined {
  if (epoch === state.epoch) return undefined;
  if (epoch < state.epoch) return refusal('stale-epoch', `epoch ${epoch}, now ${state.epoch}`);
  host.onAhead(sender);
  return refusal('future-epoch', `epoch ${epoch}, now ${state.epoch}`);
}
