// The state of one collection's chain: patterns, models, settings and who decides next. A value:
// every block gives a new one, and the same blocks give the same one on every machine.

import {
  type CborValue,
  type ChainGenesis,
  type ChainRules,
  type Checked,
  checked,
  type Digest,
  encodeCanonical,
  type MemberId,
  type Pattern,
  refused,
} from '@starling/shared';
import { placeOfThird } from '../quorum.ts';
import type { BlockHeader } from '../simplex/vote.ts';
import { type DigestOf, type Membership, membershipOf, type OpenedRoster } from './membership.ts';

/** Final patterns of one collection. */
export const PATTERNS_MAX = 4096;
/** Superseded patterns that are remembered. */
export const RETIRED_MAX = 4096;
/** Model versions that are remembered, the newest ones. */
export const MODELS_KEPT = 256;
/** Settings of one collection, by name. */
export const SETTINGS_MAX = 256;

export interface PatternRecord {
  readonly id: Digest;
  readonly author: MemberId;
  /** Lowest bound of those that accepted. */
  readonly boundMicros: number;
  /** Height of the block that included it. */
  readonly height: number;
  readonly parents: readonly Digest[];
  readonly pattern: Pattern;
  /** Height that its author knew. */
  readonly proposedAt: number;
  readonly supersededBy: Digest | null;
  readonly supersedes: readonly Digest[];
  readonly verdicts: {
    readonly abstains: number;
    readonly accepts: number;
    readonly rejects: number;
  };
}

export interface ModelRecord {
  readonly base: Digest;
  readonly baseVersion: number;
  readonly digest: Digest;
  readonly height: number;
  readonly model: string;
  readonly plan: Digest;
  readonly round: number;
  readonly version: number;
}

export interface SettingRecord {
  readonly height: number;
  readonly name: string;
  /** Counts the values that it had; the first is 1. */
  readonly number: number;
  readonly proposal: Digest;
  readonly value: string;
}

/** A record with its encoding and the digest of that, both made once. */
export interface Kept<T> {
  readonly bytes: Uint8Array;
  readonly leaf: Digest;
  readonly record: T;
}

/** Invariant: `included` = final + superseded; `superseded` = remembered + `forgotten`. */
export interface PatternBooks {
  readonly forgotten: number;
  readonly included: number;
  readonly superseded: number;
}

/** Invariant: no two patterns without `supersededBy` conflict. */
export interface ChainState {
  readonly books: PatternBooks;
  readonly collection: string;
  readonly epoch: number;
  /** Digest of the chain-genesis body: the block at height 0. */
  readonly genesis: Digest;
  readonly membership: Membership;
  /** Set by the block that ends the epoch: who decides the next one, and on which block. */
  readonly next: { readonly membership: Membership; readonly tip: BlockHeader } | undefined;
  /** Models on a base below this are forgotten, and refused. */
  readonly modelFloor: number;
  /** By model and base version. */
  readonly models: ReadonlyMap<string, Kept<ModelRecord>>;
  readonly patterns: ReadonlyMap<Digest, Kept<PatternRecord>>;
  /** Members of the epoch before; their model votes still count. */
  readonly previous: Membership | undefined;
  readonly rules: ChainRules;
  readonly settings: ReadonlyMap<string, Kept<SettingRecord>>;
  /** The block that this is the state behind. */
  readonly tip: BlockHeader;
}

/** Where a chain begins. */
export interface ChainOpening {
  readonly genesis: ChainGenesis;
  /** Digest of the genesis body. */
  readonly id: Digest;
  /** The roster that the genesis names. */
  readonly roster: OpenedRoster;
}

/** The state behind a chain-genesis, in which nothing is decided. */
export function openChain(
  { genesis, id, roster }: ChainOpening,
  digestOf: DigestOf,
): Checked<ChainState> {
  const { collection, rules, weights } = genesis;
  if (roster.digest !== genesis.roster) {
    return refused('wrong-shape', `the genesis names roster ${genesis.roster}`);
  }
  if (roster.peers.length === 0) return refused('wrong-shape', 'the roster has no active peer');
  const given = new Map(weights.map(({ member, weight }) => [member, weight]));
  const members = roster.peers.map(({ member, publicKey }) => {
    return { member, publicKey, weight: given.get(member) ?? 1 };
  });
  const heavy = members[placeOfThird(members.map(({ weight }) => weight)) ?? -1];
  if (heavy !== undefined) {
    return refused('wrong-shape', `${heavy.member} weighs ${heavy.weight}, a third of all or more`);
  }
  return checked({
    books: { forgotten: 0, included: 0, superseded: 0 },
    collection,
    epoch: 1,
    genesis: id,
    membership: membershipOf(members, roster.seq, digestOf),
    next: undefined,
    modelFloor: 0,
    models: new Map(),
    patterns: new Map(),
    previous: undefined,
    rules,
    settings: new Map(),
    tip: { height: 0, id, leader: 0, parent: id, parentView: 0, view: 0 },
  });
}

/** The epoch after one that has ended, in which nothing is decided yet; undefined while it runs. */
export function nextEpoch(state: ChainState): ChainState | undefined {
  if (state.next === undefined) return undefined;
  const { membership, tip } = state.next;
  return {
    ...state,
    epoch: state.epoch + 1,
    membership,
    next: undefined,
    previous: state.membership,
    tip: { ...tip, view: 0 },
  };
}

/** The patterns in force, in ascending order of their ids. */
export function finalPatterns({ patterns }: ChainState): readonly PatternRecord[] {
  return [...patterns.values()]
    .map(({ record }) => record)
    .filter(({ supersededBy }) => supersededBy === null)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** A record as states keep it; it is encodable, as everything in a state is. */
export function kept<T>(record: T, digestOf: DigestOf): Kept<T> {
  const bytes = encodeCanonical(record as CborValue);
  return { bytes, leaf: digestOf(bytes), record };
}

export function modelKey(model: string, baseVersion: number): string {
  return `${model}/${baseVersion}`;
}
