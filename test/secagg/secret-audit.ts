// Opens with the coordinator's key everything that members revealed, and tells by the commitments in
// R1 which of a dealer's two secrets each share is of.

import {
  createXWingKey,
  decodeLeaf,
  type Identity,
  openUnmaskShares,
  shareCommitment,
} from '@starling/crypto';
import { readFrame, sessionKeyInfo, typeOfFrame } from '@starling/rules';
import {
  complaint,
  type Digest,
  keyAdvertisement,
  type MemberId,
  type MessageDefinition,
  maskedInput,
  type SessionAnnounce,
  shareBundle,
  survivors,
  unmaskShares,
} from '@starling/shared';

/** A member's statement in a session. */
export interface Sent {
  readonly type: string;
  readonly member: MemberId;
  readonly session: Digest;
  readonly digest: Digest;
  readonly frame: Uint8Array;
  readonly leaves: readonly Uint8Array[];
}

/** One share that one member let go. */
export interface Released {
  readonly session: Digest;
  readonly holder: MemberId;
  readonly dealer: MemberId;
  /** Undefined for a share of the holder's own secret, which nobody committed to. */
  readonly kind: 'self' | 'seed' | undefined;
}

const STATEMENTS: readonly MessageDefinition<unknown>[] = [
  keyAdvertisement,
  shareBundle,
  maskedInput,
  survivors,
  unmaskShares,
  complaint,
];

export class SecretAudit {
  readonly #sent: readonly Sent[];
  readonly #coordinator: Identity;

  constructor(sent: readonly Sent[], coordinator: Identity) {
    this.#sent = sent;
    this.#coordinator = coordinator;
  }

  /** A statement of a session as it was sent; undefined for any other frame. */
  static read(frame: Uint8Array, leaves: readonly Uint8Array[] = []): Sent | undefined {
    const definition = STATEMENTS.find(({ type }) => type === typeOfFrame(frame));
    if (definition === undefined) return undefined;
    const { body, bodyDigest: digest, sender: member } = readFrame(frame, definition);
    const { session } = body as { readonly session: Digest };
    return { type: definition.type, member, session, digest, frame, leaves };
  }

  /** Every share that was released in a session whose coordinator key is the honest one. */
  released({ attempt, group, plan }: SessionAnnounce): Released[] {
    const info = sessionKeyInfo(plan, group.index, attempt);
    const key = createXWingKey(this.#coordinator.deriveSecret(info));
    return this.#sent.flatMap((sent) => {
      if (sent.type !== unmaskShares.type) return [];
      const { body } = readFrame(sent.frame, unmaskShares);
      const opened = openUnmaskShares({ id: sent.session }, sent.member, body, key);
      if (!opened.ok) return [];
      return [...opened.value].map(([dealer, share]) => {
        const kind = this.#kindOf(sent.session, dealer, sent.member, share);
        return { session: sent.session, holder: sent.member, dealer, kind };
      });
    });
  }

  #kindOf(session: Digest, dealer: MemberId, holder: MemberId, share: Uint8Array) {
    const bundles = this.#sent.filter((each) => {
      return each.type === shareBundle.type && each.member === dealer && each.session === session;
    });
    for (const bytes of bundles.flatMap(({ leaves }) => leaves)) {
      const leaf = decodeLeaf(bytes);
      if (!leaf.ok || leaf.value.recipient !== holder) continue;
      const { seedShareCommitment, selfShareCommitment } = leaf.value;
      for (const kind of ['self', 'seed'] as const) {
        const claimed = kind === 'self' ? selfShareCommitment : seedShareCommitment;
        if (shareCommitment(kind, session, dealer, holder, share) === claimed) return kind;
      }
    }
    return undefined;
  }
}

/** Dealers of whom shares of both secrets were let go, by anyone. */
export function bothKinds(released: readonly Released[]): MemberId[] {
  const kinds = new Map<MemberId, Set<string>>();
  for (const { dealer, kind } of released) {
    if (kind !== undefined) kinds.set(dealer, (kinds.get(dealer) ?? new Set()).add(kind));
  }
  return [...kinds].filter(([, seen]) => seen.size > 1).map(([dealer]) => dealer);
}
