// The pure engine snow as its effects reach it, and what those effects are.

import type { FrostyEffect, FrostyReplica, FrostyStatus } from '@starling/consensus';
import type { EpochBlocks } from './epoch-blocks.ts';
import type { SnowOpenings } from './snow-openings.ts';

export type Effect = FrostyEffect<Uint8Array>;
export type Of<Kind extends Effect['kind']> = Extract<Effect, { readonly kind: Kind }>;

export interface FedEngine {
  status(): FrostyStatus<Uint8Array>;
  feed<T>(action: (replica: FrostyReplica<Uint8Array>, nowMs: number) => T): T;
}

/** What an epoch under the engine snow holds. */
export interface SnowPlaces {
  readonly blocks: EpochBlocks;
  readonly engine: FedEngine;
  readonly openings: SnowOpenings;
}
