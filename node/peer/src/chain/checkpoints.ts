// The state behind every so many blocks, on the disk: a start need not replay everything, and whoever
// joins late need not fetch everything.

import {
  type ChainMember,
  type ChainState,
  encodeState,
  type Membership,
  membershipOf,
} from '@starling/consensus';
import { digestOf } from '@starling/crypto';
import {
  bytesSchema,
  type CborValue,
  type Digest,
  decodeCanonical,
  encodeCanonical,
  memberIdSchema,
  RECORD_BYTES_MAX,
  ROSTER_MEMBERS_MAX,
  SNAPSHOT_BYTES_MAX,
  SNAPSHOT_PART_BYTES,
  uintSchema,
  z,
} from '@starling/shared';
import { type ChainJournal, ordinal } from './chain-journal.ts';

export interface Checkpoint {
  /** Body of the block that the state is behind. */
  readonly body: Uint8Array;
  readonly height: number;
  /** Those that the snapshot names. */
  readonly memberships: ReadonlyMap<Digest, Membership>;
  readonly snapshot: Uint8Array;
}

const memberSchema = z.strictObject({
  member: memberIdSchema,
  publicKey: bytesSchema,
  weight: uintSchema.min(1),
});

const headSchema = z.strictObject({
  body: bytesSchema,
  bytes: uintSchema.min(1).max(SNAPSHOT_BYTES_MAX),
  height: uintSchema.min(1),
  memberships: z
    .array(
      z.strictObject({
        members: z.array(memberSchema).min(1).max(ROSTER_MEMBERS_MAX),
        rosterSeq: uintSchema,
      }),
    )
    .max(3),
});

const HEAD = 'head';

/** The checkpoint of a state behind a decided block, before the next epoch begins. */
export function checkpointOf(state: ChainState, body: Uint8Array): Checkpoint {
  const named = [state.previous, state.membership, state.next?.membership];
  const memberships = new Map<Digest, Membership>();
  for (const each of named) if (each !== undefined) memberships.set(each.digest, each);
  return { body, height: state.tip.height, memberships, snapshot: encodeState(state) };
}

/** Writes a checkpoint in the place of the one before. */
export async function saveCheckpoint(journal: ChainJournal, checkpoint: Checkpoint): Promise<void> {
  const { body, height, memberships, snapshot } = checkpoint;
  const before = await readHead(journal);
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < snapshot.byteLength; offset += SNAPSHOT_PART_BYTES) {
    parts.push(snapshot.slice(offset, offset + SNAPSHOT_PART_BYTES));
  }
  const head = {
    body,
    bytes: snapshot.byteLength,
    height,
    memberships: [...memberships.values()].map(({ members, rosterSeq }) => ({
      members: members.map((each) => ({ ...each })),
      rosterSeq,
    })),
  };
  const old = before === undefined ? [] : partNames(before.height, before.bytes);
  await journal.write([
    ...old.map((name) => ({ kind: 'checkpoint' as const, name, value: undefined })),
    ...parts.map((value, i) => {
      return { kind: 'checkpoint' as const, name: [ordinal(height), ordinal(i)], value };
    }),
    { kind: 'checkpoint', name: [HEAD], value: encodeCanonical(head as unknown as CborValue) },
  ]);
}

/** The newest checkpoint on the disk; undefined when there is none, or it is not whole. */
export async function loadCheckpoint(journal: ChainJournal): Promise<Checkpoint | undefined> {
  const head = await readHead(journal);
  if (head === undefined) return undefined;
  const snapshot = new Uint8Array(head.bytes);
  let offset = 0;
  for (const name of partNames(head.height, head.bytes)) {
    const part = await journal.get('checkpoint', name);
    if (part === undefined || offset + part.byteLength > head.bytes) return undefined;
    snapshot.set(part, offset);
    offset += part.byteLength;
  }
  if (offset !== head.bytes) return undefined;
  const all = head.memberships.map(({ members, rosterSeq }) =>
    membershipOf(members as readonly ChainMember[], rosterSeq, digestOf),
  );
  const memberships = new Map(all.map((each) => [each.digest, each]));
  return { body: head.body, height: head.height, memberships, snapshot };
}

async function readHead(journal: ChainJournal): Promise<z.infer<typeof headSchema> | undefined> {
  const value = await journal.get('checkpoint', [HEAD]);
  const decoded = value === undefined ? undefined : decodeCanonical(value, RECORD_BYTES_MAX);
  return decoded?.ok ? headSchema.safeParse(decoded.value).data : undefined;
}

function partNames(height: number, bytes: number): string[][] {
  const parts = Math.ceil(bytes / SNAPSHOT_PART_BYTES);
  return Array.from({ length: parts }, (_, i) => [ordinal(height), ordinal(i)]);
}
