// One open connection and what is known of its other end: challenged until it has proved itself or
// failed to, shut when its time is over.

import {
  AUTH_NONCE_BYTES,
  AUTH_PROTOCOL,
  auth,
  type BusConnection,
  type Cancel,
  type Clock,
  type ConnectionId,
  ENVELOPE_OVERHEAD_BYTES,
  equalBytes,
  type FederationId,
  type MessageBus,
  type TransportId,
} from '@starling/shared';
import type { RandomSource } from '../random-source.ts';
import { type ChannelMember, encodeChallenge, verifyChannelProof } from './channel-proof.ts';

/** A connection whose other end has not proved itself for this long is closed. */
export const PROVE_WITHIN_MS = 15_000;
/** One challenge is given up after this. */
const ANSWER_WITHIN_MS = 5_000;
/** An unanswered challenge is repeated after this; delays double up to the second figure. */
const ASK_AGAIN_MS = 250;
const ASK_AGAIN_MAX_MS = 2_000;
/** Challenges that are answered on one connection; an honest peer needs one or a few. */
export const ANSWERS_PER_CONNECTION_MAX = 32;

export interface ChallengeWorld {
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly federation: FederationId;
  /** The member whose channel a peer id is, by the newest roster; undefined for strangers. */
  memberAt(peer: TransportId): ChannelMember | undefined;
}

export interface ChannelEvents {
  /** The other end proved itself, this long after the connection opened. */
  onProved(channel: ChallengedChannel, tookMs: number): void;
  /** The proof does not hold. */
  onFailed(channel: ChallengedChannel, outcome: string, detail: string): void;
  /** The connection must be closed. */
  onShut(channel: ChallengedChannel, outcome: string, detail: string): void;
  /** A challenge came to nothing and will be repeated. */
  onSilence(channel: ChallengedChannel, detail: string): void;
}

/** Invariant: at most one challenge is under way; what is shut is never proved again. */
export class ChallengedChannel {
  readonly id: ConnectionId;
  readonly peer: TransportId;
  readonly #world: ChallengeWorld;
  readonly #events: ChannelEvents;
  readonly #openedAtMs: number;
  readonly #closing = new AbortController();
  #proved: ChannelMember | undefined;
  #isShut = false;
  #hasFailed = false;
  #isAsking = false;
  #answers = 0;
  #askAgainMs = ASK_AGAIN_MS;
  readonly #endLimit: Cancel;
  #endWait: Cancel = () => undefined;

  constructor(connection: BusConnection, world: ChallengeWorld, events: ChannelEvents) {
    this.id = connection.id;
    this.peer = connection.peer;
    this.#world = world;
    this.#events = events;
    this.#openedAtMs = world.clock.monotonicMs();
    this.#endLimit = world.clock.after(PROVE_WITHIN_MS, () => {
      this.shut('silent', `no proof within ${PROVE_WITHIN_MS} ms`);
    });
  }

  get isShut(): boolean {
    return this.#isShut;
  }

  /** True after a wrong proof, until the roster changes. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** True while the roster still has the key that was proved. */
  get isProved(): boolean {
    if (this.#isShut || this.#proved === undefined) return false;
    const member = this.#world.memberAt(this.peer);
    return member !== undefined && isSame(member, this.#proved);
  }

  /** Asks for a proof, unless there is one, or one is under way, or the peer is no member. */
  async challenge(): Promise<void> {
    const { bus, clock, memberAt, random } = this.#world;
    if (this.#isAsking || this.#proved !== undefined || this.#hasFailed) return;
    if (this.#closing.signal.aborted) return;
    if (memberAt(this.peer) === undefined) return;
    this.#isAsking = true;
    this.#endWait();
    const nonce = random(AUTH_NONCE_BYTES);
    const limit = new AbortController();
    const cancel = clock.after(ANSWER_WITHIN_MS, () => limit.abort(new Error('no answer')));
    try {
      const answer = await bus.request(this.peer, AUTH_PROTOCOL, encodeChallenge(nonce), {
        answerBytesMax: auth.bodyBytesMax + ENVELOPE_OVERHEAD_BYTES,
        connection: this.id,
        signal: AbortSignal.any([limit.signal, this.#closing.signal]),
      });
      this.#judge(nonce, answer);
    } catch (error) {
      this.#askAgain(error instanceof Error ? error.message : String(error));
    } finally {
      cancel();
      this.#isAsking = false;
    }
  }

  /**
   * For a new roster: shuts the connection when it has another key for the peer than was proved, or
   * none; gives whoever failed another try.
   */
  checkRoster(): void {
    this.#hasFailed = false;
    if (this.#proved === undefined || this.isProved) return;
    const isMember = this.#world.memberAt(this.peer) !== undefined;
    if (isMember) this.shut('key-changed', 'the roster has another key for this peer id');
    else this.shut('revoked', 'the roster does not have this peer id any more');
  }

  /** True as often as a challenge on this connection is answered. */
  mayAnswer(): boolean {
    return !this.#isShut && ++this.#answers <= ANSWERS_PER_CONNECTION_MAX;
  }

  /** Ends it: the connection must be closed. */
  shut(outcome: string, detail: string): void {
    if (this.#closing.signal.aborted) return;
    this.#isShut = true;
    this.close();
    this.#events.onShut(this, outcome, detail);
  }

  /** Ends whatever is under way; the connection is gone, or nobody asks any more. */
  close(): void {
    this.#endLimit();
    this.#endWait();
    this.#closing.abort(new Error('the connection closed'));
  }

  #judge(challenge: Uint8Array, answer: Uint8Array): void {
    const { bus, clock, federation, memberAt } = this.#world;
    // The roster may have changed since the challenge, and the connection may be gone.
    const member = memberAt(this.peer);
    if (this.#closing.signal.aborted || member === undefined) return;
    const expected = { federation, challenge, prover: this.peer, verifier: bus.self, member };
    const proof = verifyChannelProof(answer, expected);
    if (!proof.ok) {
      this.#hasFailed = true;
      this.#events.onFailed(this, proof.refusal.reason, proof.refusal.detail);
      return;
    }
    this.#proved = member;
    this.#endLimit();
    this.#events.onProved(this, clock.monotonicMs() - this.#openedAtMs);
  }

  #askAgain(detail: string): void {
    if (this.#closing.signal.aborted) return;
    this.#events.onSilence(this, detail);
    this.#endWait = this.#world.clock.after(this.#askAgainMs, () => void this.challenge());
    this.#askAgainMs = Math.min(2 * this.#askAgainMs, ASK_AGAIN_MAX_MS);
  }
}

function isSame(a: ChannelMember, b: ChannelMember): boolean {
  if (a === b) return true;
  return a.member === b.member && a.role === b.role && equalBytes(a.publicKey, b.publicKey);
}
