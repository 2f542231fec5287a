// A member's letters in a secure aggregation: what it says, sealed and signed once, and what it asks
// the coordinator for, opened and verified before the machine sees it.

import {
  certifyingSigners,
  digestOf,
  type MemberEffect,
  type MemberEvent,
  openMessage,
  type ReceivedPacket,
  type Said,
  type Session,
  sealMessage,
  yieldingPace,
} from '@starling/crypto';
import {
  complaint,
  type Digest,
  decodeCanonical,
  encodeCanonical,
  keyAdvertisement,
  type MemberId,
  type MessageDefinition,
  maskedInput,
  SECAGG_ANSWER_BYTES_MAX,
  SECAGG_PROTOCOL,
  type SecaggAnswer,
  type SecaggRequest,
  type SessionPhaseName,
  type Survivors,
  secaggAnswerSchema,
  shareBundle,
  survivors as survivorsMessage,
  unmaskShares,
} from '@starling/shared';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';

type KeyOf = (member: MemberId) => Uint8Array | undefined;
type Saying = Extract<MemberEffect, { readonly kind: `say-${string}` }>;

const DEFINITIONS = Object.freeze({
  'say-keys': keyAdvertisement,
  'say-shares': shareBundle,
  'say-masked': maskedInput,
  'say-survivors': survivorsMessage,
  'say-unmask': unmaskShares,
  'say-complaint': complaint,
});

/** A request that is not answered within this is made again. */
const ANSWER_WITHIN_MS = 15_000;
/** Frames that are verified between two pauses: 2 ms natively, 15 with the portable library. */
const FRAMES_PER_TURN = 8;
/** Evidence that is kept of the sessions this site left, newest last. */
const EVIDENCE_MAX = 16;

export class SecaggMail {
  readonly #world: PeerDependencies;
  readonly #membership: SiteMembership;
  readonly #signal: AbortSignal;

  constructor(world: PeerDependencies, membership: SiteMembership, signal: AbortSignal) {
    this.#world = world;
    this.#membership = membership;
    this.#signal = signal;
  }

  /** The signed frame of a statement; signed once, so that repetitions are the same bytes. */
  seal(effect: Saying): Uint8Array {
    const definition = DEFINITIONS[effect.kind] as MessageDefinition<unknown>;
    const { federation } = this.#membership;
    return sealMessage<unknown>(this.#world.identity, definition, {
      federation,
      body: effect.body,
    });
  }

  request(effect: Saying): SecaggRequest {
    const frame = this.seal(effect);
    if (effect.kind !== 'say-shares') return { frame, kind: 'message' };
    return { frame, kind: 'shares', leaves: [...effect.leaves] };
  }

  /** True when the coordinator has it, or will never take it. @throws {BusError} */
  async send(request: SecaggRequest): Promise<boolean> {
    const answer = await this.#ask(request);
    if (answer?.outcome === 'refused') {
      this.#world.logger.debug('the coordinator refused a statement', { reason: answer.reason });
      return !answer.reason.startsWith('busy') && !answer.reason.startsWith('future-round');
    }
    return answer?.outcome === 'taken';
  }

  /** Tells the coordinator not to wait for this site. @throws {BusError} */
  async decline(session: Digest): Promise<void> {
    await this.#ask({ kind: 'decline', session });
  }

  /** The event that an inbox gives; undefined when it is not there yet. @throws {BusError} */
  async fetch(
    session: Session,
    phase: SessionPhaseName,
    keyOf: KeyOf,
  ): Promise<MemberEvent | undefined> {
    const answer = await this.#ask({ kind: 'inbox', phase, session: session.id });
    if (answer?.outcome === 'keys') {
      const said = await this.#openAll(answer.frames, keyAdvertisement, keyOf);
      const good = said.filter((each) => each !== undefined);
      return { kind: 'keys', digests: answer.digests, said: good };
    }
    if (answer?.outcome === 'inputs') return { kind: 'inputs', digests: answer.digests };
    if (answer?.outcome !== 'packets') return undefined;
    const frames = answer.packets.map(({ frame }) => frame);
    const said = await this.#openAll(frames, shareBundle, keyOf);
    const packets = answer.packets.flatMap(({ index, leaf, path }, i): ReceivedPacket[] => {
      const dealt = said[i];
      return dealt === undefined ? [] : [{ ...dealt, index, leaf, path }];
    });
    return { kind: 'packets', packets };
  }

  /** Whose signatures under the survivors hold. @throws {BusError} */
  async certificate(
    session: Session,
    survivors: Survivors,
    keyOf: KeyOf,
  ): Promise<MemberEvent | undefined> {
    const answer = await this.#ask({ kind: 'inbox', phase: 'unmasking', session: session.id });
    if (answer?.outcome !== 'signatures') return undefined;
    const { member } = this.#world.identity;
    const { signatures } = answer;
    const signers = await certifyingSigners(session, member, survivors, signatures, keyOf);
    return { kind: 'certificate', signers };
  }

  /** Writes down why a session was left, with the frames that prove it. */
  async keepEvidence(
    session: Session,
    reason: string,
    evidence: readonly Uint8Array[],
  ): Promise<void> {
    if (evidence.length === 0) return;
    const { clock, logger, store } = this.#world;
    const { attempt, round } = session.announce;
    const name = String(clock.nowMs()).padStart(16, '0');
    const value = encodeCanonical({ attempt, frames: [...evidence], reason, round });
    try {
      const old: string[] = [];
      for await (const { key } of store.entries('evidence')) old.push(key);
      const gone = old.slice(0, Math.max(0, old.length + 1 - EVIDENCE_MAX));
      await store.write([
        ...gone.map((key) => ({ table: 'evidence' as const, key, value: undefined })),
        { table: 'evidence', key: `${name}-${reason}`, value },
      ]);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      logger.error('evidence not kept', { reason, detail });
    }
  }

  async #ask(request: SecaggRequest): Promise<SecaggAnswer | undefined> {
    const coordinator = this.#membership.coordinator;
    if (coordinator === undefined) return undefined;
    const limit = new AbortController();
    const cancel = this.#world.clock.after(ANSWER_WITHIN_MS, () => {
      limit.abort(new Error('the coordinator did not answer'));
    });
    let bytes: Uint8Array;
    try {
      bytes = await this.#world.bus.request(
        coordinator.transportId,
        SECAGG_PROTOCOL,
        encodeCanonical(request),
        {
          answerBytesMax: SECAGG_ANSWER_BYTES_MAX,
          signal: AbortSignal.any([limit.signal, this.#signal]),
        },
      );
    } finally {
      cancel();
    }
    const decoded = decodeCanonical(bytes, SECAGG_ANSWER_BYTES_MAX);
    return decoded.ok ? secaggAnswerSchema.safeParse(decoded.value).data : undefined;
  }

  /** In turns: a large session has hundreds of signatures. */
  async #openAll<T>(
    frames: readonly Uint8Array[],
    definition: MessageDefinition<T>,
    keyOf: KeyOf,
  ): Promise<(Said<T> | undefined)[]> {
    const said: (Said<T> | undefined)[] = [];
    for (const [i, frame] of frames.entries()) {
      if (i % FRAMES_PER_TURN === FRAMES_PER_TURN - 1) await yieldingPace.pause();
      said.push(this.#open(frame, definition, keyOf));
    }
    return said;
  }

  /** What was signed by nobody else is not there: the machine then misses its sender. */
  #open<T>(frame: Uint8Array, definition: MessageDefinition<T>, keyOf: KeyOf): Said<T> | undefined {
    const { federation } = this.#membership;
    const opened = openMessage<T>(frame, definition, { federation, nowMs: 0, keyOf });
    if (!opened.ok) {
      const { detail, reason } = opened.refusal;
      this.#world.logger.warn('a relayed statement does not hold', { reason, detail });
      return undefined;
    }
    const { body, bodyBytes, sender: member } = opened.value;
    return { member, body, digest: digestOf(bodyBytes), frame };
  }
}
