// What a site needs from the world, and its settings.

import {
  type ChannelKey,
  DEFAULT_SESSION_POLICY,
  type Identity,
  type SessionPolicy,
  type VerifyClaim,
} from '@starling/crypto';
import type {
  Clock,
  Logger,
  MessageBus,
  Meter,
  PayloadExchange,
  PeerStore,
} from '@starling/shared';
import type { EncoderTrainer } from '@starling/training';
import type { ChainOptions } from './chain/chain-upkeep.ts';
import { DEFAULT_PATTERN_OPTIONS, type PatternOptions } from './patterns/pattern-options.ts';
import type { PrivacyBudget } from './privacy-budget.ts';
import { DEFAULT_REPORT_OPTIONS, type ReportOptions } from './report/report-options.ts';
import type { SiteApp } from './site-app.ts';

/** Keys that shall take the place of the site's own. */
export interface NextKeys {
  readonly channelKey: ChannelKey;
  readonly identity: Identity;
  /** A roster lists them: the site is to be started again with them. */
  onInForce(): void;
}

export interface PeerDependencies {
  /** Trains the model of a federation that agreed on an app. */
  readonly app?: SiteApp;
  readonly bus: MessageBus;
  readonly channelKey: ChannelKey;
  readonly clock: Clock;
  /** Measures proposed patterns; on the site's own held-out queries when absent. */
  readonly evaluatePattern?: NonNullable<ChainOptions['evaluate']>;
  readonly identity: Identity;
  /** Folder of the index generations. */
  readonly indexFolder: string;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly nextKeys?: NextKeys;
  readonly payloads: PayloadExchange;
  /** Paid before anything that training gave leaves the site. */
  readonly privacy: PrivacyBudget;
  readonly store: PeerStore;
  readonly trainer: EncoderTrainer;
  /** How signatures of the chain are verified; on the runtime's threads when absent. */
  readonly verify?: VerifyClaim;
}

/** How a site trains when it measures what it would reach alone. */
export interface AloneSettings {
  readonly learningRate: number;
  readonly epochsPerCheck: number;
  /** Checks without a better validation score before it stops. */
  readonly patience: number;
  readonly epochsMax: number;
}

export interface PeerOptions {
  /** How often everything unacknowledged is published again. */
  readonly republishMs: number;
  /** Shortest time between two background builds of the index; the last version never waits. */
  readonly generationIntervalMs: number;
  /** Share of the exact top ten that the index must return on the site's own queries. */
  readonly indexRecallTarget: number;
  /** Measure retrieval before and trained alone, so that the gain of federating is known. */
  readonly baselines: AloneSettings | undefined;
  /** What this site demands of a secure aggregation, whatever the coordinator announces. */
  readonly sessionPolicy: SessionPolicy;
  readonly patterns: PatternOptions;
  /** What the coordinator is told of this site. */
  readonly report: ReportOptions;
}

export const DEFAULT_ALONE_SETTINGS: AloneSettings = Object.freeze({
  learningRate: 0.001,
  epochsPerCheck: 2,
  patience: 4,
  epochsMax: 40,
});

export const DEFAULT_PEER_OPTIONS: PeerOptions = Object.freeze({
  republishMs: 1_000,
  generationIntervalMs: 30_000,
  indexRecallTarget: 0.98,
  baselines: undefined,
  sessionPolicy: DEFAULT_SESSION_POLICY,
  patterns: DEFAULT_PATTERN_OPTIONS,
  report: DEFAULT_REPORT_OPTIONS,
});
