// Whether a federation's chain may open with the members that it has.

import { engineObjection } from '@starling/consensus';
import type { ChainEngine } from '@starling/shared';
import { activePeers, type FederationState } from './federation-state.ts';

/**
 * Why the chain must not open under this engine with the members of the roster in force, numbers
 * included; undefined when it may, or is open already.
 */
export function chainObjection(
  { chain, roster }: Pick<FederationState, 'chain' | 'roster'>,
  engine: ChainEngine,
): string | undefined {
  return chain === undefined ? engineObjection(engine, activePeers(roster).length) : undefined;
}
