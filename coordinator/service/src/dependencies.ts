// What a coordinator needs from the world, and its settings.

import type { ChannelKey, Identity, VerifyClaim } from '@starling/crypto';
import {
  DEFAULT_SCHEDULE,
  type FederationState,
  type Schedule,
  type StoppingRule,
} from '@starling/rules';
import type {
  ChainEngine,
  Clock,
  Digest,
  EventLog,
  Logger,
  MessageBus,
  Meter,
  PayloadExchange,
  PeerStore,
  SnapshotStore,
} from '@starling/shared';
import { ROSTER_LIFE_MS } from '@starling/shared';
import { SNAPSHOT_EVERY_EVENTS } from './snapshots.ts';

export interface CoordinatorDependencies {
  readonly bus: MessageBus;
  readonly channelKey: ChannelKey;
  readonly clock: Clock;
  readonly eventLog: EventLog;
  readonly identity: Identity;
  readonly logger: Logger;
  /** Numbers that never fall: what it has stamped and what it has heard of each member. */
  readonly marks: PeerStore;
  readonly meter: Meter;
  /** A fresh unguessable digest, for invitations. */
  readonly nonce: () => Digest;
  readonly payloads: PayloadExchange;
  /** Where the state is kept now and then, so that a start replays less; nowhere when absent. */
  readonly snapshots?: SnapshotStore;
  /** Version 0's parameters, flat float32; every site derives the same from the genesis. */
  readonly startingModel: Float32Array;
  /** How signatures of the chain's messages are verified; on the runtime's threads when absent. */
  readonly verify?: VerifyClaim;
}

/** By what one of several coordinators on a log leads. */
export interface CoordinatorTurn {
  /** Fencing token; above that of every coordinator before. */
  readonly token: number;
  /** Until when the former one may have stamped messages, by its own clock. */
  readonly formerUntilMs: number;
  /** What was folded while it stood by; taken over. */
  readonly known?: FederationState | undefined;
}

export interface CoordinatorOptions {
  readonly schedule: Schedule;
  /** Newest rounds whose vectors are kept, so that anyone can verify them. */
  readonly verifiableRounds: number;
  /** How often deadlines are looked at. */
  readonly tickMs: number;
  /** How often everything that is not yet final is published again. */
  readonly republishMs: number;
  /** How long a roster is good for; it is renewed at half of it. */
  readonly rosterLifeMs: number;
  /** When a run that is planned ends before its last round; null for never. */
  readonly stopping: StoppingRule | null;
  /** Events between two snapshots of the state. */
  readonly snapshotEveryEvents: number;
  /** What decides the chain when it opens; never changed from then on. */
  readonly chainEngine: ChainEngine;
}

export const DEFAULT_COORDINATOR_OPTIONS: CoordinatorOptions = Object.freeze({
  schedule: DEFAULT_SCHEDULE,
  verifiableRounds: 4,
  tickMs: 250,
  republishMs: 1_000,
  rosterLifeMs: ROSTER_LIFE_MS,
  stopping: null,
  snapshotEveryEvents: SNAPSHOT_EVERY_EVENTS,
  chainEngine: { kind: 'simplex' as const },
});
