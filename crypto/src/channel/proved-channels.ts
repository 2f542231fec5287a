// Keeps a bus's connections proved: challenges each as soon as it opens, answers challenges, and lets
// nothing else through before. Both ends challenge at once, so both are sure after one round trip. A
// connection whose proof is wrong or does not come, or whose key the roster changed, is closed; a new
// one proves anew.

import {
  ADMIT_CONNECTION,
  type Admission,
  AUTH_CHALLENGE_BYTES_MAX,
  AUTH_NONCE_BYTES,
  AUTH_PROTOCOL,
  type Cancel,
  type Clock,
  type ConnectionId,
  type Digest,
  type FederationId,
  type Logger,
  type MessageBus,
  type Meter,
  type TransportId,
} from '@starling/shared';
import type { Identity } from '../identity.ts';
import { type RandomSource, systemRandom } from '../random-source.ts';
import { ChallengedChannel, type ChallengeWorld } from './challenged-channel.ts';
import { type ChannelMember, decodeChallenge, proveChannel } from './channel-proof.ts';

/** Challenges that are answered at once; signing takes about a millisecond. */
const ANSWERS_AT_ONCE_MAX = 4;

export interface ChannelDependencies {
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly random?: RandomSource;
}

export interface ChannelPolicy {
  readonly federation: FederationId;
  /** Our own role; the metrics are named after it. */
  readonly role: ChannelMember['role'];
  /** The member whose channel a peer id is, by the newest roster; undefined for strangers. */
  memberAt(peer: TransportId): ChannelMember | undefined;
  /** Digest of the newest roster. */
  rosterDigest(): Digest;
  /** What a peer may do without a proof, by the names that `admitOnly` asks with. */
  isOpenTo(peer: TransportId, use: string): boolean;
  /** Told after each connection that was proved. */
  onProved?(peer: TransportId): void;
}

/** The one that sets the admission of its bus. */
export class ProvedChannels {
  readonly #world: ChannelDependencies;
  readonly #policy: ChannelPolicy;
  readonly #challenges: ChallengeWorld;
  readonly #channels = new Map<ConnectionId, ChallengedChannel>();
  readonly #cancels: Cancel[] = [];
  #roster: Digest;

  constructor(world: ChannelDependencies, policy: ChannelPolicy) {
    const { bus, clock, random = systemRandom } = world;
    const { federation } = policy;
    this.#world = world;
    this.#policy = policy;
    const memberAt = (peer: TransportId) => policy.memberAt(peer);
    this.#challenges = { bus, clock, random, federation, memberAt };
    this.#roster = policy.rosterDigest();
  }

  /** From now on challenges are answered and the bus is shut to whatever is not proved. */
  start(): void {
    const { bus } = this.#world;
    const limits = {
      requestBytesMax: AUTH_CHALLENGE_BYTES_MAX,
      concurrentMax: ANSWERS_AT_ONCE_MAX,
    };
    this.#cancels.push(
      bus.handle(AUTH_PROTOCOL, async (bytes, from, id) => this.#answer(bytes, from, id), limits),
      bus.onConnectionChange(() => this.#look()),
    );
    this.#setRule();
    this.#look();
  }

  /** Challenges nobody any more; what was proved stays so, and everything else stays shut out. */
  stop(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
    for (const channel of this.#channels.values()) channel.close();
  }

  /** Peers with a proved connection. */
  get peers(): readonly TransportId[] {
    const proved = [...this.#channels.values()].filter(({ isProved }) => isProved);
    return [...new Set(proved.map(({ peer }) => peer))];
  }

  /**
   * Looks whether the roster is another one than last time; if so, revocations and new keys take
   * effect on the open connections. Cheap when it is the same.
   */
  followRoster(): void {
    const roster = this.#policy.rosterDigest();
    if (roster === this.#roster) return;
    this.#roster = roster;
    for (const channel of [...this.#channels.values()]) {
      channel.checkRoster();
      void channel.challenge();
    }
    this.#setRule();
  }

  /** Compares what is known with the open connections. */
  #look(): void {
    const open = new Map(this.#world.bus.connections().map((each) => [each.id, each]));
    for (const [id, channel] of this.#channels) {
      if (open.has(id)) continue;
      this.#channels.delete(id);
      channel.close();
    }
    for (const [id, connection] of open) {
      if (this.#channels.has(id)) continue;
      const channel = new ChallengedChannel(connection, this.#challenges, {
        onProved: ({ peer }, tookMs) => this.#noteProof(peer, tookMs),
        onFailed: (failed, outcome, detail) => {
          // Where strangers may ask to join, so may a member whose roster entry is out of date.
          if (!this.#policy.isOpenTo(failed.peer, ADMIT_CONNECTION)) failed.shut(outcome, detail);
          else this.#noteFault(failed.peer, outcome, detail);
        },
        onShut: ({ peer }, outcome, detail) => this.#noteFault(peer, outcome, detail),
        onSilence: ({ peer }, detail) => {
          this.#count('no-answer');
          this.#world.logger.debug('connection not proved yet', { peer, detail });
        },
      });
      this.#channels.set(id, channel);
      void channel.challenge();
    }
  }

  /** Whoever challenges is awake: if it has not proved itself, now is the time to ask. */
  #answer(bytes: Uint8Array, from: TransportId, id: ConnectionId): Uint8Array {
    const { bus, identity } = this.#world;
    const { federation, role } = this.#policy;
    const challenge = decodeChallenge(bytes);
    if (!challenge.ok) {
      this.#count(challenge.refusal.reason);
      throw new Error(challenge.refusal.detail);
    }
    if (!this.#channels.has(id)) this.#look();
    const channel = this.#channels.get(id);
    if (!channel?.mayAnswer()) throw new Error('no more challenges are answered here');
    void channel.challenge();
    return proveChannel(identity, federation, {
      challenge: challenge.value,
      nonce: this.#challenges.random(AUTH_NONCE_BYTES),
      prover: bus.self,
      role,
      roster: this.#policy.rosterDigest(),
      verifier: from,
    });
  }

  #noteProof(peer: TransportId, tookMs: number): void {
    this.#count('proved');
    const { role } = this.#policy;
    this.#world.meter.observe(`starling_${role}_channel_proof_seconds`, tookMs / 1000);
    this.#setRule();
    this.#policy.onProved?.(peer);
  }

  #noteFault(peer: TransportId, outcome: string, detail: string): void {
    this.#count(outcome);
    this.#world.logger.warn('connection not proved', { peer, outcome, detail });
    this.#setRule();
  }

  /** Setting the rule makes the bus ask it anew about everyone. */
  #setRule(): void {
    this.#world.bus.admitOnly((peer, use, connection) => this.#admission(peer, use, connection));
  }

  #admission(peer: TransportId, use: string, connection?: ConnectionId): Admission {
    const channels =
      connection === undefined
        ? [...this.#channels.values()].filter((channel) => channel.peer === peer)
        : [...this.#channels.values()].filter(({ id }) => id === connection);
    if (channels.length > 0 && channels.every(({ isShut }) => isShut)) return false;
    if (this.#policy.isOpenTo(peer, use)) return true;
    const isMember = this.#policy.memberAt(peer) !== undefined;
    if (!isMember || use === AUTH_PROTOCOL || use === ADMIT_CONNECTION) return isMember;
    if (channels.some(({ isProved }) => isProved)) return true;
    return channels.length > 0 && channels.every(({ hasFailed }) => hasFailed) ? false : 'later';
  }

  #count(outcome: string): void {
    const name = `starling_${this.#policy.role}_channel_proofs_total`;
    this.#world.meter.count(name, 1, { outcome });
  }
}
