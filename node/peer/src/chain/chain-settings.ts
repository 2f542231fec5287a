// Settings as this site sees them: those in force and those that wait for the chain.

import type { ChainState } from '@starling/consensus';
import type { Digest, MemberId } from '@starling/shared';
import type { ChainPool } from './chain-pool.ts';

export interface ChainSetting {
  /** Digest of the proposal. */
  readonly id: Digest;
  readonly name: string;
  readonly value: string;
  readonly status: 'proposed' | 'final';
  /** Null once it is in force: the chain does not keep who proposed it. */
  readonly author: MemberId | null;
  /** Height of the block that holds it; null before. */
  readonly height: number | null;
  /** Who agreed, as far as this site heard; empty once it is in force. */
  readonly approvals: readonly MemberId[];
}

/** In force first, by name; then what waits. */
export function chainSettings(pool: ChainPool, { settings }: ChainState): ChainSetting[] {
  const standing = [...settings.values()].map(({ record }): ChainSetting => {
    const { height, name, proposal: id, value } = record;
    return { id, name, value, status: 'final', author: null, height, approvals: [] };
  });
  const known = new Set(standing.map(({ id }) => id));
  const waiting = [...pool.settings.values()].filter(({ id }) => !known.has(id));
  return [
    ...standing.sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...waiting.map(({ approvals, id, proposal }): ChainSetting => {
      const { author, name, value } = proposal;
      const agreed = [...approvals.keys()].sort();
      return { id, name, value, status: 'proposed', author, height: null, approvals: agreed };
    }),
  ];
}
