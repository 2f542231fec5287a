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
  type z,
} from '@starling/shared';
import { headerOf } from './block-header.ts';
import { type ChainState, type Kept, modelKey } from './chain-state.ts';
import type { DigestOf, Membership } from './membership.ts';
import {
  modelRecordSchema,
  patternRecordSchema,
  STATE_RECORD_BYTES_MAX,
  settingRecordSchema,
  snapshotSchema,
} from './snapshot-schema.ts';
import { rootOf } from './state-root.ts';

/** True for heights behind which members keep a snapshot. */
export function isCheckpoint(height: number, { checkpointEvery }: ChainRules): boolean {
  return height > 0 && height % checkpointEvery === 0;
}

/** All that a state holds, records by digest; of members and rules it names the digests only. */
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
    models: bytesOf(state.models),
    next: next === undefined ? null : next.membership.digest,
    patterns: bytesOf(state.patterns),
    previous: previous?.digest ?? null,
    settings: bytesOf(state.settings),
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
  const parsed = readAs(snapshotSchema, bytes, SNAPSHOT_BYTES_MAX);
  if (!parsed.ok) return parsed;
  const snapshot = parsed.value;
  if (snapshot.genesis !== genesis || snapshot.height !== block.height) {
    return refused('wrong-height', `a snapshot of ${snapshot.genesis} at ${snapshot.height}`);
  }
  const models = snapshot.models.map((each) => leafOf(each, digestOf));
  const patterns = snapshot.patterns.map((each) => leafOf(each, digestOf));
  const settings = snapshot.settings.map((each) => leafOf(each, digestOf));
  const root = rootOf({ ...snapshot, models, patterns, settings }, digestOf);
  if (root !== block.stateRoot) {
    return refused('wrong-root', `the snapshot gives ${root}, the block says ${block.stateRoot}`);
  }
  const membership = memberships.get(snapshot.membership);
  const previous = membersOf(snapshot.previous, memberships);
  const nextMembers = membersOf(snapshot.next, memberships);
  if (membership === undefined || previous === 'unknown' || nextMembers === 'unknown') {
    return refused('stale-epoch', 'a snapshot of members that were not walked to');
  }
  const id = digestOf(encodeCanonical(block as CborValue));
  const tip = headerOf(block, id, membership);
  if (tip === undefined) return refused('unknown-sender', `${block.leader} is no member`);
  const records = {
    models: keyed(models, modelRecordSchema, (each) => modelKey(each.model, each.baseVersion)),
    patterns: keyed(patterns, patternRecordSchema, ({ id }) => id),
    settings: keyed(settings, settingRecordSchema, ({ name }) => name),
  };
  if (!records.models.ok) return records.models;
  if (!records.patterns.ok) return records.patterns;
  if (!records.settings.ok) return records.settings;
  const { books, collection, epoch, modelFloor } = snapshot;
  const state: ChainState = {
    books,
    collection,
    epoch,
    genesis,
    membership,
    modelFloor,
    models: records.models.value,
    next: nextMembers === undefined ? undefined : { membership: nextMembers, tip },
    patterns: records.patterns.value,
    previous,
    rules,
    settings: records.settings.value,
    tip,
  };
  return checked(Object.freeze(state));
}

type Leaf = Omit<Kept<unknown>, 'record'>;

function leafOf(bytes: Uint8Array, digestOf: DigestOf): Leaf {
  return { bytes, leaf: digestOf(bytes) };
}

/** Records by their keys; a quorum decided the root, so that one is not readable is our fault. */
function keyed<T, K>(
  leaves: readonly Leaf[],
  schema: z.ZodType<T>,
  keyOf: (record: T) => K,
): Checked<ReadonlyMap<K, Kept<T>>> {
  const records = new Map<K, Kept<T>>();
  for (const leaf of leaves) {
    const record = readAs(schema, leaf.bytes, STATE_RECORD_BYTES_MAX);
    if (!record.ok) return record;
    records.set(keyOf(record.value), { ...leaf, record: record.value });
  }
  return checked(records);
}

function readAs<T>(schema: z.ZodType<T>, bytes: Uint8Array, bytesMax: number): Checked<T> {
  const decoded = decodeCanonical(bytes, bytesMax);
  if (!decoded.ok) return refused(decoded.fault, `snapshot: ${decoded.detail}`);
  const parsed = schema.safeParse(decoded.value);
  if (parsed.success) return checked(parsed.data);
  const [issue] = parsed.error.issues;
  return refused('wrong-shape', `snapshot at ${issue?.path.join('.')}: ${issue?.message}`);
}

function membersOf(
  digest: Digest | null,
  memberships: ReadonlyMap<Digest, Membership>,
): Membership | 'unknown' | undefined {
  return digest === null ? undefined : (memberships.get(digest) ?? 'unknown');
}

function bytesOf(records: ReadonlyMap<string, Kept<unknown>>): Uint8Array[] {
  const all = [...records.values()].sort((a, b) => (a.leaf < b.leaf ? -1 : 1));
  return all.map(({ bytes }) => bytes);
}
