// A member that runs the protocol's machine in its own hands: it takes part in masked rounds over the
// network, and tampers with its state, its events and what it says.

import {
  beginMember,
  type MemberEffect,
  type MemberEvent,
  type MemberState,
  maskUpdate,
  openSession,
  payloadRef,
  runMemberTask,
  sealMessage,
  stepMember,
  systemRandom,
  verifiedSigners,
} from '@starling/crypto';
import { readFrame, typeOfFrame } from '@starling/rules';
import {
  ACCEPT,
  decodeCanonical,
  encodeCanonical,
  keyAdvertisement,
  type MemberId,
  type MessageDefinition,
  type PayloadRef,
  type Roster,
  roundStatus,
  SECAGG_ANSWER_BYTES_MAX,
  SECAGG_PROTOCOL,
  type SecaggAnswer,
  type SecaggRequest,
  type SessionPhaseName,
  secaggAnswerSchema,
  sessionAnnounce,
  sessionPhase,
  shareBundle,
} from '@starling/shared';
import { HostileMember } from '../cluster/hostile-member.ts';
import type { MemoryCluster } from '../cluster/memory-cluster.ts';
import { SAYS } from './session-fixture.ts';
import type { Saying } from './stage.ts';
import { HONEST, type Tamper } from './tampers.ts';

/** What goes out in place of a statement; bodies are signed by the member. */
export type Speech = (saying: Saying, state: MemberState) => readonly Saying['body'][];

/** What the member puts into the sum, `[elements]`. */
export type Update = (elements: number) => Float32Array;

const SPEAKS_HONESTLY: Speech = ({ body }) => [body];
const ZERO: Update = (elements) => new Float32Array(elements);

export class HostileParticipant {
  readonly node: HostileMember;
  tamper: Tamper = HONEST;
  speech: Speech = SPEAKS_HONESTLY;
  update: Update = ZERO;
  /** What it claims to have trained on. */
  examples = 1;
  /** Whether a masked vector can be had from it. */
  isOffering = true;
  readonly answers: SecaggAnswer[] = [];
  readonly #cluster: MemoryCluster;
  #state: MemberState | undefined;
  /** As it was when the member first needed a key. */
  #roster: Roster | undefined;
  #repeated: readonly (() => Promise<unknown>)[] = [];
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(node: HostileMember, cluster: MemoryCluster) {
    this.node = node;
    this.#cluster = cluster;
  }

  static async join(cluster: MemoryCluster, name: string): Promise<HostileParticipant> {
    const node = await HostileMember.join(cluster, name);
    const participant = new HostileParticipant(node, cluster);
    node.bus.subscribe('control', (bytes) => {
      participant.#tail = participant.#tail.then(() => participant.#hear(bytes));
      return ACCEPT;
    });
    await node.say('site', node.registration());
    return participant;
  }

  get member(): MemberId {
    return this.node.identity.member;
  }

  /** A frame that this member signs. */
  seal<T>(definition: MessageDefinition<T>, body: T): Uint8Array {
    const { federation } = this.#cluster;
    return sealMessage(this.node.identity, definition, { federation, body });
  }

  /** One request to the coordinator, as bytes. */
  async askBytes(bytes: Uint8Array): Promise<SecaggAnswer> {
    const coordinator = this.#cluster.node.transportId;
    const answerBytesMax = SECAGG_ANSWER_BYTES_MAX;
    const { bus } = this.node;
    const answer = await bus.request(coordinator, SECAGG_PROTOCOL, bytes, { answerBytesMax });
    const decoded = decodeCanonical(answer, answerBytesMax);
    const parsed = secaggAnswerSchema.parse(decoded.ok ? decoded.value : undefined);
    this.answers.push(parsed);
    return parsed;
  }

  ask(request: SecaggRequest): Promise<SecaggAnswer> {
    return this.askBytes(encodeCanonical(request));
  }

  async #hear(bytes: Uint8Array): Promise<void> {
    const type = typeOfFrame(bytes);
    if (type === roundStatus.type) for (const again of this.#repeated) await again();
    if (type === sessionAnnounce.type) await this.#begin(bytes);
    if (type === sessionPhase.type) {
      const { body } = readFrame(bytes, sessionPhase);
      const isKnown = this.#state?.accepted.has(body.phase) ?? true;
      if (body.session !== this.#state?.session.id || isKnown) return;
      await this.#give({ kind: 'phase', body, frame: bytes });
    }
  }

  async #begin(frame: Uint8Array): Promise<void> {
    const { body, bodyBytes } = readFrame(frame, sessionAnnounce);
    const session = openSession(this.#cluster.federation, body, bodyBytes);
    if (!session.ok || session.value.id === this.#state?.session.id) return;
    if (!body.participants.includes(this.member)) return;
    const { state, effects } = beginMember(session.value, this.member, systemRandom);
    this.#state = state;
    this.#repeated = [];
    await this.#perform(effects);
  }

  async #give(event: MemberEvent): Promise<void> {
    if (this.#state === undefined) return;
    const { state, effects } = stepMember(...this.tamper(this.#state, event));
    if (state.phase !== this.#state.phase) this.#repeated = [];
    this.#state = state;
    await this.#perform(effects);
  }

  async #perform(effects: readonly MemberEffect[]): Promise<void> {
    for (const effect of effects) {
      const event = await this.#do(effect);
      if (event !== undefined) await this.#give(event);
    }
  }

  async #do(effect: MemberEffect): Promise<MemberEvent | undefined> {
    const state = this.#state;
    if (state === undefined) return undefined;
    switch (effect.kind) {
      case 'compute':
        return runMemberTask(state, effect.task, systemRandom);
      case 'mask': {
        const payload = await this.#mask(state, effect.masks);
        return { kind: 'masked', commitment: payload.root, payload };
      }
      case 'record-spent':
        return { kind: 'spent' };
      case 'fetch':
        return this.#fetch(state, effect.phase);
      case 'aborted':
        return undefined;
      default:
        for (const body of this.speech(effect, state)) await this.#say(effect, body);
        return undefined;
    }
  }

  async #mask(
    { session }: MemberState,
    masks: Parameters<typeof maskUpdate>[3],
  ): Promise<PayloadRef> {
    const statistics = { examples: this.examples, lossFirst: 1, lossLast: 1 };
    const update = this.update(session.announce.elements);
    const bytes = await maskUpdate(session, update, statistics, masks, systemRandom);
    return this.isOffering ? this.node.payloads.offer(bytes) : payloadRef(bytes);
  }

  async #say(effect: Saying, body: Saying['body']): Promise<void> {
    const frame = this.seal(SAYS[effect.kind] as MessageDefinition<unknown>, body);
    if (effect.kind === 'say-masked' || effect.kind === 'say-survivors') {
      const topic = effect.kind === 'say-masked' ? 'site' : 'vote';
      const publish = () => this.node.bus.publish(topic, frame);
      this.#repeated = [...this.#repeated, publish];
      await publish();
      return;
    }
    const leaves = effect.kind === 'say-shares' ? effect.leaves : undefined;
    await this.ask(
      leaves === undefined
        ? { frame, kind: 'message' }
        : { frame, kind: 'shares', leaves: [...leaves] },
    );
  }

  async #fetch(
    { session, survivors }: MemberState,
    phase: SessionPhaseName,
  ): Promise<MemberEvent | undefined> {
    const answer = await this.ask({ kind: 'inbox', phase, session: session.id });
    if (answer.outcome === 'keys') {
      const said = answer.frames.map((frame) => saidIn(frame, keyAdvertisement));
      return { kind: 'keys', digests: answer.digests, said };
    }
    if (answer.outcome === 'packets') {
      const packets = answer.packets.map(({ frame, ...packet }) => {
        return { ...saidIn(frame, shareBundle), ...packet };
      });
      return { kind: 'packets', packets };
    }
    if (answer.outcome === 'inputs') return { kind: 'inputs', digests: answer.digests };
    if (answer.outcome !== 'signatures' || survivors === undefined) return undefined;
    this.#roster ??= this.#cluster.replay().roster;
    const { members } = this.#roster;
    const keyOf = (member: MemberId) => members.find((each) => each.member === member)?.publicKey;
    const signers = await verifiedSigners(session, survivors, answer.signatures, keyOf);
    return { kind: 'certificate', signers };
  }
}

function saidIn<T>(frame: Uint8Array, definition: MessageDefinition<T>) {
  const { body, bodyDigest: digest, sender: member } = readFrame(frame, definition);
  return { body, digest, frame, member };
}
