// A state as bytes, for whoever joins late. It is taken only when it gives the root that a quorum
// decided, so it may come from anyone.

import {
  type CborValue,
  type ChainBlock,
  type ChainRules,
  type Checked,
  checked,
  type Digest,
  decodeCanonical,
  encodeCanonical,
  refused,
  SNAPSHOT_BYTES_MAX,
} from '@starling/shared';
import { headerOf } from './block-header.ts';
import {
  type ChainState,
  type Kept,
  kept,
  type ModelRecord,
  modelKey,
  type PatternRecord,
  type SettingRecord,
} from './chain-state.ts';
import type { DigestOf, Membership } from './membership.ts';
import { type Snapshot, snapshotSchema } from './snapshot-schema.ts';
import { stateRootOf } from './state-root.ts';

/** True for heights behind which members keep a snapshot. */
export function isCheckpoint(height: number, { checkpointEvery }: ChainRules): boolean {
  return height > 0 && height % checkpointEvery === 0;
}

/** All that a state holds, in ascending order; of members and rules it names the digests only. */
export function encodeState(state: ChainState): Uint8Array {
  const { books, collection, epoch, genesis, membership, modelFloor, next, previous } = state;
  return encodeCanonical({
    books: { ...books },
    collection,
    epoch,
    genesis,
    height: state.tip.height,
    membership: membership.digest,
    modelFloor,
    models: recordsOf(state.models, ({ baseVersion }) => String(baseVersion).padStart(16, '0')),
    next: next === undefined ? null : next.membership.digest,
    patterns: recordsOf(state.patterns, ({ id }) => id),
    previous: previous?.digest ?? null,
    settings: recordsOf(state.settings, ({ name }) => name),
  });
}

export interface SnapshotContext {
  /** The block that the state is behind, decided by a quorum. */
  readonly block: ChainBlock;
  readonly digestOf: DigestOf;
  /** Digest of the chain-genesis body, and the rules in it. */
  readonly genesis: Digest;
  readonly rules: ChainRules;
  /** The members of all epochs so far, the next one's too when the block ends its epoch. */
  readonly memberships: ReadonlyMap<Digest, Membership>;
}

/** The state behind a decided block, from bytes that anyone sent. Never throws. */
export function decodeState(bytes: Uint8Array, context: SnapshotContext): Checked<ChainState> {
  const { block, digestOf, genesis, memberships, rules } = context;
  const decoded = decodeCanonical(bytes, SNAPSHOT_BYTES_MAX);
  if (!decoded.ok) return refused(decoded.fault, `snapshot: ${decoded.detail}`);
  const parsed = snapshotSchema.safeParse(decoded.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refused('wrong-shape', `snapshot at ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const snapshot = parsed.data;
  if (snapshot.genesis !== genesis || snapshot.height !== block.height) {
    return refused('wrong-height', `a snapshot of ${snapshot.genesis} at ${snapshot.height}`);
  }
  const membership = memberships.get(snapshot.membership);
  const previous = memberOf(snapshot.previous, memberships);
  const nextMembers = memberOf(snapshot.next, memberships);
  if (membership === undefined || previous === 'unknown' || nextMembers === 'unknown') {
    return refused('stale-epoch', 'a snapshot of members that were not walked to');
  }
  const id = digestOf(encodeCanonical(block as CborValue));
  const tip = headerOf(block, id, membership);
  if (tip === undefined) return refused('unknown-sender', `${block.leader} is no member`);
  const { books, collection, epoch, modelFloor } = snapshot;
  const next = nextMembers === undefined ? undefined : { membership: nextMembers, tip };
  const state: ChainState = {
    books,
    collection,
    epoch,
    genesis,
    membership,
    modelFloor,
    next,
    previous,
    rules,
    tip,
    ...recordsIn(snapshot, digestOf),
  };
  const root = stateRootOf(state, digestOf);
  if (root === block.stateRoot) return checked(Object.freeze(state));
  return refused('wrong-root', `the snapshot gives ${root}, the block says ${block.stateRoot}`);
}

function recordsIn(
  { models, patterns, settings }: Snapshot,
  digestOf: DigestOf,
): Pick<ChainState, 'models' | 'patterns' | 'settings'> {
  return {
    models: keyed<ModelRecord, string>(models, digestOf, (record) =>
      modelKey(record.model, record.baseVersion),
    ),
    patterns: keyed<PatternRecord, Digest>(patterns, digestOf, ({ id }) => id),
    settings: keyed<SettingRecord, string>(settings, digestOf, ({ name }) => name),
  };
}

function keyed<T, K>(
  records: readonly T[],
  digestOf: DigestOf,
  keyOf: (record: T) => K,
): ReadonlyMap<K, Kept<T>> {
  return new Map(records.map((record) => [keyOf(record), kept(record, digestOf)]));
}

function memberOf(
  digest: Digest | null,
  memberships: ReadonlyMap<Digest, Membership>,
): Membership | 'unknown' | undefined {
  return digest === null ? undefined : (memberships.get(digest) ?? 'unknown');
}

function recordsOf<T>(
  records: ReadonlyMap<string, Kept<T>>,
  order: (record: T) => string,
): CborValue[] {
  const all = [...records.values()].map(({ record }) => record);
  return all.sort((a, b) => (order(a) < order(b) ? -1 : 1)) as CborValue[];
}
