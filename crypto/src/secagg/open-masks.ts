// R4 at the coordinator: shares are opened and combined, each secret is held against its commitment,
// and what has to be taken off the sum follows. Whoever gave a wrong share is named by commitments.

import {
  type Checked,
  checked,
  decodeCanonical,
  type KeyAdvertisement,
  type MemberId,
  openedSharesSchema,
  refused,
  type SessionTranscript,
  unmaskShares,
} from '@starling/shared';
import { openOnce } from '../aead.ts';
import type { XWingKey } from '../kem/x-wing.ts';
import { type CoordinatorState, survivorsOf } from './coordinator-state.ts';
import {
  packetData,
  packetKey,
  type SecretKind,
  secretCommitment,
  shareCommitment,
} from './derive.ts';
import { SECRET_BYTES } from './member-keys.ts';
import { type Pace, yieldingPace } from './pace.ts';
import { type Session, shareholdersOf } from './session.ts';
import { combineShares } from './shamir.ts';
import { decodeLeaf } from './share-packets.ts';

/**
 * Shares that are opened or combined between two pauses. A public-key operation counts as
 * `OPENING_SHARES` of them; a turn takes a few milliseconds.
 */
const SHARES_PER_TURN = 1024;
const OPENING_SHARES = 64;

/** The leaf that `dealer` sealed for `recipient`; undefined when it is gone. */
export type LeafSource = (dealer: MemberId, recipient: MemberId) => Promise<Uint8Array | undefined>;

export interface OpenedSecrets {
  readonly selves: SessionTranscript['selves'];
  readonly seeds: SessionTranscript['seeds'];
}

export type OpenResult = (
  | { readonly ok: true; readonly value: OpenedSecrets }
  | { readonly ok: false; readonly detail: string; readonly blamed: readonly MemberId[] }
) & {
  /** Members whose R4 is wrong, sorted: without them the others may still be enough. */
  readonly faulty: readonly MemberId[];
};

/** By dealer: the shares that its holders revealed. */
type Revealed = ReadonlyMap<MemberId, ReadonlyMap<MemberId, Uint8Array>>;
type Combined = Uint8Array | { readonly detail: string; readonly blamed: readonly MemberId[] };

interface Opening {
  readonly state: CoordinatorState;
  readonly revealed: Revealed;
  readonly leafOf: LeafSource;
  /** Filled as wrong shares are found. */
  readonly faulty: Set<MemberId>;
}

/**
 * Reconstructs one secret of every member that shared: the self mask of survivors, the seed of those
 * that dropped out.
 */
export async function openSecrets(
  state: CoordinatorState,
  coordinatorKey: XWingKey,
  leafOf: LeafSource,
  pace: Pace = yieldingPace,
): Promise<OpenResult> {
  const survivors = survivorsOf(state);
  if (survivors === undefined) throw new TypeError('no survivors were certified');
  const alive = new Set(survivors.members);
  const sharers = state.announced.get('masking')?.members ?? [];
  const faulty = new Set<MemberId>();
  const revealed = await revealedShares(state, coordinatorKey, faulty, pace);
  const opening = { state, revealed, leafOf, faulty };
  const secrets: Record<SecretKind, { member: MemberId; secret: Uint8Array }[]> = {
    self: [],
    seed: [],
  };
  let shares = 0;
  for (const dealer of sharers) {
    const kind: SecretKind = alive.has(dealer) ? 'self' : 'seed';
    const secret = await combine(opening, dealer, kind);
    if (!(secret instanceof Uint8Array)) return { ok: false, ...secret, faulty: sorted(faulty) };
    secrets[kind].push({ member: dealer, secret });
    shares += state.session.announce.threshold;
    if (shares < SHARES_PER_TURN) continue;
    shares = 0;
    await pace.pause();
  }
  const value = { selves: secrets.self, seeds: secrets.seed };
  return { ok: true, value, faulty: sorted(faulty) };
}

/** Opens one member's R4. */
export function openUnmaskShares(
  session: Pick<Session, 'id'>,
  member: MemberId,
  body: { readonly box: Uint8Array; readonly ciphertext: Uint8Array },
  coordinatorKey: XWingKey,
): Checked<ReadonlyMap<MemberId, Uint8Array>> {
  const secret = coordinatorKey.decapsulate(body.ciphertext);
  if (secret === undefined) return refused('wrong-shape', 'the ciphertext is malformed');
  const key = packetKey(secret, session.id, member, member, 'unmask');
  const data = packetData(session.id, 'unmask', member, coordinatorKey.publicKey);
  const plain = openOnce(key, body.box, data);
  if (plain === undefined) return refused('bad-signature', 'the shares do not open');
  const decoded = decodeCanonical(plain, unmaskShares.bodyBytesMax);
  const parsed = decoded.ok ? openedSharesSchema.safeParse(decoded.value) : undefined;
  if (!parsed?.success) return refused('wrong-shape', 'the shares do not decode');
  const shares = new Map<MemberId, Uint8Array>();
  for (const { member: dealer, share } of parsed.data.shares) {
    if (share.byteLength !== SECRET_BYTES || shares.has(dealer)) {
      return refused('wrong-shape', `the share of ${dealer} has another length or stands twice`);
    }
    shares.set(dealer, share);
  }
  return checked(shares);
}

/** A holder that does not reveal a share of every dealer it has one of reveals nothing. */
async function revealedShares(
  state: CoordinatorState,
  coordinatorKey: XWingKey,
  faulty: Set<MemberId>,
  pace: Pace,
): Promise<Revealed> {
  const { session } = state;
  const sharers = new Set(state.announced.get('masking')?.members);
  const byDealer = new Map<MemberId, Map<MemberId, Uint8Array>>();
  let shares = 0;
  for (const [holder, { body }] of state.unmask) {
    if (state.faulted.has(holder)) continue;
    if (shares >= SHARES_PER_TURN) {
      shares = 0;
      await pace.pause();
    }
    const opened = openUnmaskShares(session, holder, body, coordinatorKey);
    shares += OPENING_SHARES;
    const due = shareholdersOf(session, holder).filter((dealer) => sharers.has(dealer));
    if (!opened.ok || due.some((dealer) => !opened.value.has(dealer))) {
      faulty.add(holder);
      continue;
    }
    shares += opened.value.size;
    for (const [dealer, share] of opened.value) {
      const given = byDealer.get(dealer) ?? new Map<MemberId, Uint8Array>();
      byDealer.set(dealer, given.set(holder, share));
    }
  }
  return byDealer;
}

async function combine(opening: Opening, dealer: MemberId, kind: SecretKind): Promise<Combined> {
  const { faulty, leafOf, revealed, state } = opening;
  const { session } = state;
  const { threshold } = session.announce;
  const advertised = state.keys.get(dealer)?.body;
  const given = shareholdersOf(session, dealer).flatMap((holder, i) => {
    const share = revealed.get(dealer)?.get(holder);
    return share === undefined ? [] : [{ holder, x: i + 1, share }];
  });
  // The dealer's share of its own secret stands in no leaf: nothing but the secret vouches for it.
  const own = given.filter(({ holder }) => holder === dealer);
  const others = given.filter(({ holder }) => holder !== dealer);
  const committed = (shares: typeof given): Uint8Array | undefined => {
    if (shares.length < threshold) return undefined;
    const secret = combineShares(shares.slice(0, threshold));
    return isCommitted(session, dealer, kind, secret, advertised) ? secret : undefined;
  };
  const first = committed([...others, ...own]);
  if (first !== undefined) return first;
  const good: typeof given = [];
  for (const each of others) {
    const bytes = await leafOf(dealer, each.holder);
    const leaf = bytes === undefined ? undefined : decodeLeaf(bytes);
    if (!leaf?.ok) return { detail: `a leaf of ${dealer} is gone`, blamed: [] };
    const found = shareCommitment(kind, session.id, dealer, each.holder, each.share);
    const { seedShareCommitment, selfShareCommitment } = leaf.value;
    if (found === (kind === 'self' ? selfShareCommitment : seedShareCommitment)) good.push(each);
    else faulty.add(each.holder);
  }
  const again = committed([...good, ...own]);
  if (again !== undefined) return again;
  if (good.length >= threshold) {
    return { detail: `the shares that ${dealer} dealt do not give its secret`, blamed: [dealer] };
  }
  if (good.length + own.length >= threshold) faulty.add(dealer);
  const detail = `${good.length} right shares of ${dealer}, ${threshold} are needed`;
  return { detail, blamed: [] };
}

function isCommitted(
  session: Session,
  member: MemberId,
  kind: SecretKind,
  secret: Uint8Array,
  advertised: KeyAdvertisement | undefined,
): boolean {
  const found = secretCommitment(kind, session.id, member, secret);
  const claimed = kind === 'self' ? advertised?.selfCommitment : advertised?.seedCommitment;
  return found === claimed;
}

function sorted(members: ReadonlySet<MemberId>): MemberId[] {
  return [...members].sort();
}
