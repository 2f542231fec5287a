// The pure engine snow as its effects reach it, and what those effects are.

import type { FrostyEffect, FrostyReplica, FrostyStatus } from '@starling/consensus';

export type Effect = FrostyEffect<Uint8Array>;
export type Of<Kind extends Effect['kind']> = Extract<Effect, { readonly kind: Kind }>;

/** What the way from era to era is no part of. */
export type Plain =
  | 'cast'
  | 'certified'
  | 'decided'
  | 'forked'
  | 'judge'
  | 'poll'
  | 'propose'
  | 'propose-opening'
  | 'rejected'
  | 'repeat'
  | 'wake';

/** The engine as its effects reach it. */
export interface FedEngine {
  status(): FrostyStatus<Uint8Array>;
  feed<T>(action: (replica: FrostyReplica<Uint8Array>, nowMs: number) => T): T;
}
