// Buses whose connections must be proved, and hostile ends that answer challenges as they like.

import { ManualClock, PrometheusMeter } from '@starling/adapters';
import {
  type ChannelMember,
  createIdentity,
  digestOf,
  encodeChallenge,
  type Identity,
  ProvedChannels,
  proveChannel,
} from '@starling/crypto';
import {
  type Auth,
  authChallengeSchema,
  decodeCanonical,
  type FederationId,
  type MessageBus,
  NO_LOGGER,
  type TransportId,
} from '@starling/shared';

export const FEDERATION = 'fe'.repeat(32) as FederationId;
export const ROSTER = digestOf(Uint8Array.of(1));
export const LIMITS = { requestBytesMax: 20_000 } as const;
export const ANSWER = { answerBytesMax: 20_000 } as const;

/** Who is a member behind which peer id, as one end knows it. */
export class KnownRoster {
  readonly members = new Map<TransportId, ChannelMember>();
  digest = ROSTER;

  put(peer: TransportId, identity: Identity, role: ChannelMember['role'] = 'peer'): void {
    const { member, publicKey } = identity;
    this.members.set(peer, { member, publicKey, role });
    this.#change();
  }

  revoke(peer: TransportId): void {
    this.members.delete(peer);
    this.#change();
  }

  #change(): void {
    this.digest = digestOf(new TextEncoder().encode(this.digest));
  }
}

/** An honest end: its bus is shut to whatever is not proved. */
export class ProvingEnd {
  readonly clock = new ManualClock();
  readonly meter = new PrometheusMeter();
  readonly identity: Identity;
  readonly bus: MessageBus;
  readonly roster: KnownRoster;
  readonly channels: ProvedChannels;
  readonly provedPeers: TransportId[] = [];

  constructor(
    bus: MessageBus,
    roster: KnownRoster,
    options: { identity?: Identity; isOpenTo?: (use: string) => boolean } = {},
  ) {
    this.bus = bus;
    this.roster = roster;
    this.identity = options.identity ?? createIdentity();
    const { clock, identity, meter } = this;
    this.channels = new ProvedChannels(
      { bus, clock, identity, logger: NO_LOGGER, meter },
      {
        federation: FEDERATION,
        role: 'peer',
        memberAt: (peer) => roster.members.get(peer),
        rosterDigest: () => roster.digest,
        isOpenTo: (_, use) => options.isOpenTo?.(use) ?? false,
        onProved: (peer) => this.provedPeers.push(peer),
      },
    );
  }

  outcomes(outcome: string): number {
    const name = 'starling_peer_channel_proofs_total';
    return this.meter
      .snapshot()
      .filter((sample) => sample.name === name && sample.labels['outcome'] === outcome)
      .reduce((sum, { value }) => sum + value, 0);
  }
}

/** The nonce of a challenge that an honest end sent. */
export function nonceOf(challenge: Uint8Array): Uint8Array {
  const decoded = decodeCanonical(challenge, challenge.byteLength);
  return authChallengeSchema.parse(decoded.ok ? decoded.value : undefined).nonce;
}

/** A proof of `bus` to `verifier`, right unless changed. */
export function proofOf(
  bus: MessageBus,
  verifier: TransportId,
  identity: Identity,
  challenge: Uint8Array,
  { federation = FEDERATION, ...changes }: Partial<Auth> & { federation?: FederationId } = {},
): Uint8Array {
  return proveChannel(identity, federation, {
    challenge: nonceOf(challenge),
    nonce: new Uint8Array(32).fill(9),
    prover: bus.self,
    role: 'peer',
    roster: ROSTER,
    verifier,
    ...changes,
  });
}

/** Challenges the other end with a nonce of our own and returns its proof. */
export function challengeBy(bus: MessageBus, to: TransportId, digit = 7): Promise<Uint8Array> {
  return bus.request(to, 'auth', encodeChallenge(new Uint8Array(32).fill(digit)), ANSWER);
}

/** Turns the event loop until it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
