// A member's long work, in slices that leave the event loop free: sealing and opening the packets of
// R1 costs public-key operations for each neighbour.

import type { Digest, MemberId, ShareBundle } from '@starling/shared';
import { auditTree, rootOfPath, treeHash } from '../merkle-tree.ts';
import type { RandomSource } from '../random-source.ts';
import type { MemberEvent, MemberState, MemberTask, ReceivedPacket } from './member-state.ts';
import { type Pace, yieldingPace } from './pace.ts';
import { dealShares, decodeLeaf, leafHash, openLeaf, sealLeaf } from './share-packets.ts';

/** Packets between two pauses: 2 ms natively, 15 with the portable library. */
const PACKETS_PER_TURN = 4;

/** Does a task of this state and returns the event it ends in. */
export function runMemberTask(
  state: MemberState,
  task: MemberTask,
  random: RandomSource,
  pace: Pace = yieldingPace,
): Promise<MemberEvent> {
  return task.kind === 'seal'
    ? sealAll(state, task.recipients, random, pace)
    : openAll(state, task.packets, pace);
}

/** R1's statement over its leaves. */
export function bundleOf(
  session: Digest,
  advertised: Digest,
  leaves: readonly Uint8Array[],
): ShareBundle {
  return { advertised, leaves: leaves.length, root: rootOfLeaves(leaves), session };
}

/** Hex root of the Merkle tree over leaves as they travel. */
function rootOfLeaves(leaves: readonly Uint8Array[]): Digest {
  return hexOf(treeHash(leaves.map(leafHash)));
}

/** A dealer's leaves with the root that it signed and each one's path to it. */
export interface LeafTree {
  readonly leaves: readonly Uint8Array[];
  readonly root: Digest;
  readonly paths: readonly (readonly Uint8Array[])[];
}

/** @throws {RangeError} without leaves */
export function treeOfLeaves(leaves: readonly Uint8Array[]): LeafTree {
  const { paths, root } = auditTree(leaves.map(leafHash));
  return { leaves, root: hexOf(root), paths };
}

/** True when the leaf stands in the tree that its dealer signed. */
export function isInBundle(
  packet: Pick<ReceivedPacket, 'body' | 'leaf' | 'index' | 'path'>,
): boolean {
  const { body, leaf, index, path } = packet;
  const root = rootOfPath(leafHash(leaf), index, body.leaves, path);
  return root !== undefined && hexOf(root) === body.root;
}

async function sealAll(
  state: MemberState,
  recipients: (MemberTask & { kind: 'seal' })['recipients'],
  random: RandomSource,
  pace: Pace,
): Promise<MemberEvent> {
  const { session, member, keys } = state;
  const dealt = dealShares(session, member, keys, random);
  await pace.pause();
  const leaves: Uint8Array[] = [];
  for (const [recipient, to] of recipients) {
    const shares = dealt.get(recipient);
    if (shares === undefined) throw new TypeError(`${recipient} is no neighbour`);
    const leaf = sealLeaf(session, member, keys, recipient, to, shares);
    if (leaf === undefined) return { kind: 'malformed-key', accused: recipient };
    leaves.push(leaf);
    if (leaves.length % PACKETS_PER_TURN === 0) await pace.pause();
  }
  return { kind: 'sealed', dealt, leaves };
}

async function openAll(
  state: MemberState,
  packets: readonly ReceivedPacket[],
  pace: Pace,
): Promise<MemberEvent> {
  const sharing = state.accepted.get('sharing')?.body.root;
  const opened = new Map<MemberId, ReturnType<typeof openPacket> & { ok: true }>();
  for (const packet of packets) {
    const result = openPacket(state, packet, sharing);
    if (!result.ok) {
      const { detail, reason } = result.refusal;
      return {
        kind: 'faulty-packet',
        accused: packet.member,
        reason: reason === 'bad-signature' ? 'packet-unopened' : 'packet-mismatch',
        detail,
        evidence: [packet.frame, packet.leaf],
      };
    }
    opened.set(packet.member, result);
    if (opened.size % PACKETS_PER_TURN === 0) await pace.pause();
  }
  const values = [...opened].map(([member, { value }]) => [member, value] as const);
  return { kind: 'opened', opened: new Map(values) };
}

function openPacket(state: MemberState, packet: ReceivedPacket, sharing: Digest | undefined) {
  const { session, member, keys } = state;
  const { body } = packet;
  const isOfSession = body.session === session.id && body.advertised === sharing;
  if (!isOfSession) return mismatch('it was sealed for another session or other keys');
  if (!isInBundle(packet)) return mismatch('the leaf is not in the signed tree');
  const leaf = decodeLeaf(packet.leaf);
  return leaf.ok ? openLeaf(session, packet.member, member, keys, leaf.value) : leaf;
}

function mismatch(detail: string) {
  return {
    ok: false,
    refusal: { kind: 'reject', reason: 'wrong-shape', detail },
  } as const;
}

function hexOf(bytes: Uint8Array): Digest {
  return Buffer.from(bytes).toString('hex') as Digest;
}
