// What a member may ask for in a secure aggregation: the others' keys, the packets that were sealed
// for it, the signatures under the survivors.

import {
  type CoordinatorState,
  GLOBAL_CERTIFICATE_MAX,
  type LeafTree,
  treeOfLeaves,
} from '@starling/crypto';
import { isAggregating, type SessionRecord } from '@starling/rules';
import type {
  Digest,
  MemberId,
  MemberSignature,
  PayloadRef,
  SecaggAnswer,
  SessionPhaseName,
  SharePacket,
} from '@starling/shared';
import {
  bytesSchema,
  decodeCanonical,
  encodeCanonical,
  SECAGG_REQUEST_BYTES_MAX,
  z,
} from '@starling/shared';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';

const leavesSchema = z.array(bytesSchema);

interface Bundle extends LeafTree {
  /** Where each recipient's leaf stands. */
  readonly places: ReadonlyMap<MemberId, number>;
}

export class SessionMail {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  /** Leaves of the sessions that are open, by the root under which they lie. */
  readonly #bundles = new Map<Digest, Promise<Bundle>>();
  /** The signatures of a session's survivors, as everyone is answered. */
  readonly #certificates = new WeakMap<CoordinatorState['survivors'], Uint8Array>();

  constructor(world: CoordinatorDependencies, log: FederationLog) {
    this.#world = world;
    this.#log = log;
  }

  /** The answer, as bytes where they are the same for everyone. */
  async inbox(
    asker: MemberId,
    session: Digest,
    phase: SessionPhaseName,
  ): Promise<SecaggAnswer | Uint8Array> {
    const { round } = this.#log.state;
    const record = round?.sessions.get(session);
    if (round === undefined || !isAggregating(round) || record === undefined) {
      return { outcome: 'refused', reason: 'no such session is open' };
    }
    if (!record.state.announced.has(phase)) {
      return { outcome: 'refused', reason: `${phase} was not announced` };
    }
    if (phase === 'sharing') return keysFor(record, asker);
    if (phase === 'masking') return { outcome: 'packets', packets: await this.#for(record, asker) };
    if (phase === 'unmasking') return this.#signaturesFor(record, asker);
    const { announced, masked } = record.state;
    const members = announced.get('signing')?.members ?? [];
    return {
      outcome: 'inputs',
      digests: members.flatMap((each) => masked.get(each)?.digest ?? []),
    };
  }

  /** The packet that `dealer` sealed for `recipient`; undefined when there is none. */
  async packet(
    record: SessionRecord,
    dealer: MemberId,
    recipient: MemberId,
  ): Promise<SharePacket | undefined> {
    const said = record.state.shares.get(dealer);
    const bundle = await this.#bundleOf(record, dealer);
    if (said === undefined || bundle === undefined) return undefined;
    const index = bundle.places.get(recipient);
    const leaf = index === undefined ? undefined : bundle.leaves[index];
    if (index === undefined || leaf === undefined) return undefined;
    return { frame: said.frame, index, leaf, path: [...(bundle.paths[index] ?? [])] };
  }

  /** Takes over leaves that were hashed when they came, so that nobody loads them again. */
  keep(record: SessionRecord, dealer: MemberId, ref: PayloadRef, tree: LeafTree): void {
    this.#bundles.set(ref.root, Promise.resolve(bundleOf(record, dealer, tree)));
  }

  /** Drops what is kept of sessions that are over. */
  forget(): void {
    this.#bundles.clear();
  }

  async #for(record: SessionRecord, recipient: MemberId): Promise<SharePacket[]> {
    const sharers = new Set(record.state.announced.get('masking')?.members);
    const dealers = record.state.session.neighbours.get(recipient) ?? [];
    const packets: SharePacket[] = [];
    for (const dealer of dealers.filter((each) => sharers.has(each))) {
      const packet = await this.packet(record, dealer, recipient);
      if (packet !== undefined) packets.push(packet);
    }
    return packets;
  }

  /** Everyone's in small sessions, encoded once; in large ones those that the asker needs. */
  #signaturesFor({ state }: SessionRecord, asker: MemberId): SecaggAnswer | Uint8Array {
    const { session, survivors } = state;
    if (session.announce.participants.length > GLOBAL_CERTIFICATE_MAX) {
      const near = new Set([...(session.neighbours.get(asker) ?? []), asker]);
      return signaturesOf([...survivors.values()].filter(({ member }) => near.has(member)));
    }
    const known = this.#certificates.get(survivors);
    const certificate = known ?? encodeCanonical(signaturesOf([...survivors.values()]));
    this.#certificates.set(survivors, certificate);
    return certificate;
  }

  async #bundleOf(record: SessionRecord, dealer: MemberId): Promise<Bundle | undefined> {
    const ref = record.leaves.get(dealer);
    if (ref === undefined) return undefined;
    const known = this.#bundles.get(ref.root);
    if (known !== undefined) return known;
    const loaded = this.#world.payloads.fetch(ref, { providers: [] }).then((bytes) => {
      const decoded = decodeCanonical(bytes, SECAGG_REQUEST_BYTES_MAX);
      const leaves = leavesSchema.parse(decoded.ok ? decoded.value : undefined);
      return bundleOf(record, dealer, treeOfLeaves(leaves));
    });
    this.#bundles.set(ref.root, loaded);
    loaded.catch(() => this.#bundles.delete(ref.root));
    return loaded;
  }
}

/** A dealer's leaves stand in the order of its neighbours among those that advertised keys. */
function bundleOf(record: SessionRecord, dealer: MemberId, tree: LeafTree): Bundle {
  const advertised = new Set(record.state.announced.get('sharing')?.members);
  const near = record.state.session.neighbours.get(dealer) ?? [];
  const recipients = near.filter((each) => advertised.has(each));
  return { ...tree, places: new Map(recipients.map((each, i) => [each, i])) };
}

function keysFor({ state }: SessionRecord, asker: MemberId): SecaggAnswer {
  const members = state.announced.get('sharing')?.members ?? [];
  const near = new Set(state.session.neighbours.get(asker));
  return {
    outcome: 'keys',
    digests: members.flatMap((member) => state.keys.get(member)?.digest ?? []),
    frames: members.flatMap((member) => (near.has(member) ? frameOf(state, member) : [])),
  };
}

function frameOf(state: SessionRecord['state'], member: MemberId): Uint8Array[] {
  const said = state.keys.get(member);
  return said === undefined ? [] : [said.frame];
}

function signaturesOf(signed: readonly MemberSignature[]): SecaggAnswer {
  const signatures = signed
    .map(({ member, signature }) => ({ member, signature }))
    .sort((a, b) => (a.member < b.member ? -1 : 1));
  return { outcome: 'signatures', signatures };
}
