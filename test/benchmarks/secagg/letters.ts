// Both ends of a session's letters as the cluster writes them: requests and answers in canonical
// CBOR around signed frames, every signature verified by whoever relies on it.

import {
  type CoordinatorState,
  certifyingSigners,
  digestOf,
  GLOBAL_CERTIFICATE_MAX,
  type Identity,
  type MemberEvent,
  openMessage,
  type Pace,
  type Said,
  sealMessage,
  toStatement,
  treeOfLeaves,
} from '@starling/crypto';
import {
  complaint,
  decodeCanonical,
  encodeCanonical,
  keyAdvertisement,
  type MemberId,
  type MessageDefinition,
  maskedInput,
  type Opened,
  SECAGG_ANSWER_BYTES_MAX,
  SECAGG_REQUEST_BYTES_MAX,
  type SecaggAnswer,
  type SessionPhaseName,
  secaggAnswerSchema,
  secaggRequestSchema,
  shareBundle,
  survivors,
  unmaskShares,
} from '@starling/shared';
import { FEDERATION, SAYS } from '../../secagg/session-fixture.ts';
import type { SimulatedCoordinator } from '../../secagg/simulated-coordinator.ts';
import type { Saying, SimulatedMember } from '../../secagg/stage.ts';

const STATEMENTS = [keyAdvertisement, shareBundle, maskedInput, survivors, unmaskShares, complaint];
/** As in the peer. */
const FRAMES_PER_TURN = 8;
type KeyOf = (member: MemberId) => Uint8Array | undefined;

/** The bytes that a member sends: R2 and R3 as gossip, everything else as a request. */
export function letterOf(identity: Identity, effect: Saying): Uint8Array {
  const definition = SAYS[effect.kind] as MessageDefinition<unknown>;
  const content = { federation: FEDERATION, body: effect.body };
  const frame = sealMessage<unknown>(identity, definition, content);
  if (isGossip(effect.kind)) return frame;
  if (effect.kind !== 'say-shares') return encodeCanonical({ frame, kind: 'message' });
  return encodeCanonical({ frame, kind: 'shares', leaves: [...effect.leaves] });
}

/** The coordinator reads a letter and records it. @throws {Error} unless it is taken */
export function readLetter(
  coordinator: SimulatedCoordinator,
  letter: Uint8Array,
  kind: Saying['kind'],
): void {
  if (isGossip(kind)) {
    record(coordinator, letter);
    return;
  }
  const decoded = decodeCanonical(letter, SECAGG_REQUEST_BYTES_MAX);
  const request = secaggRequestSchema.parse(decoded.ok ? decoded.value : undefined);
  if (!('frame' in request)) throw new TypeError('members say things here');
  record(coordinator, request.frame, request.kind === 'shares' ? request.leaves : undefined);
}

/** What the coordinator answers when a member asks for a phase. */
export function answerTo(
  coordinator: SimulatedCoordinator,
  member: MemberId,
  phase: SessionPhaseName,
): Uint8Array {
  const { session, state } = coordinator;
  const isGlobal = session.announce.participants.length <= GLOBAL_CERTIFICATE_MAX;
  if (phase !== 'unmasking' || !isGlobal) {
    return encodeCanonical(answerFor(coordinator, member, phase));
  }
  const known = CERTIFICATES.get(state.survivors);
  const certificate = known ?? encodeCanonical(answerFor(coordinator, member, phase));
  CERTIFICATES.set(state.survivors, certificate);
  return certificate;
}

/** The same for everyone in a small session. */
const CERTIFICATES = new WeakMap<CoordinatorState['survivors'], Uint8Array>();

/** The event in an answer, every frame opened and verified. */
export async function readAnswer(
  { state }: SimulatedMember,
  bytes: Uint8Array,
  keyOf: KeyOf,
  pace: Pace,
): Promise<MemberEvent> {
  const decoded = decodeCanonical(bytes, SECAGG_ANSWER_BYTES_MAX);
  const answer = secaggAnswerSchema.parse(decoded.ok ? decoded.value : undefined);
  if (answer.outcome === 'keys') {
    const said = await openAll(answer.frames, keyAdvertisement, keyOf, pace);
    return { kind: 'keys', digests: answer.digests, said };
  }
  if (answer.outcome === 'packets') {
    const frames = answer.packets.map(({ frame }) => frame);
    const said = await openAll(frames, shareBundle, keyOf, pace);
    const packets = answer.packets.flatMap(({ index, leaf, path }, i) => {
      const dealt = said[i];
      return dealt === undefined ? [] : [{ ...dealt, index, leaf, path }];
    });
    return { kind: 'packets', packets };
  }
  if (answer.outcome === 'inputs') return { kind: 'inputs', digests: answer.digests };
  if (answer.outcome !== 'signatures' || state.survivors === undefined) {
    throw new TypeError(`a member was answered ${answer.outcome}`);
  }
  const { member, session, survivors: stated } = state;
  const { signatures } = answer;
  const signers = await certifyingSigners(session, member, stated, signatures, keyOf, pace);
  return { kind: 'certificate', signers };
}

function isGossip(kind: Saying['kind']): boolean {
  return kind === 'say-masked' || kind === 'say-survivors';
}

function record(
  coordinator: SimulatedCoordinator,
  frame: Uint8Array,
  leaves?: readonly Uint8Array[],
): void {
  const { keyOf } = coordinator;
  const message = openMessage(frame, STATEMENTS, { federation: FEDERATION, nowMs: 0, keyOf });
  if (!message.ok) throw new Error(message.refusal.detail);
  const { body, bodyBytes, sender, signature, type }: Opened<unknown> = message.value;
  const said = { member: sender, body, digest: digestOf(bodyBytes), frame, signature };
  const statement = toStatement(type, said);
  const tree = leaves === undefined ? undefined : treeOfLeaves(leaves);
  if (statement.kind === 'shares' && tree?.root !== statement.body.root) {
    throw new Error(`the leaves of ${sender} are not those it signed`);
  }
  const objection = coordinator.take(statement, tree);
  if (objection !== undefined) throw new Error(`${sender}: ${objection.detail}`);
}

function answerFor(
  coordinator: SimulatedCoordinator,
  member: MemberId,
  phase: SessionPhaseName,
): SecaggAnswer {
  const { session, state } = coordinator;
  const near = session.neighbours.get(member) ?? [];
  if (phase === 'sharing') {
    const members = state.announced.get('sharing')?.members ?? [];
    const isIn = new Set(members);
    return {
      digests: members.flatMap((each) => state.keys.get(each)?.digest ?? []),
      frames: near.flatMap((each) => (isIn.has(each) ? (state.keys.get(each)?.frame ?? []) : [])),
      outcome: 'keys',
    };
  }
  if (phase === 'masking') {
    const sharers = new Set(state.announced.get('masking')?.members);
    const packets = near.flatMap((dealer) =>
      sharers.has(dealer) ? (coordinator.packet(dealer, member) ?? []) : [],
    );
    return { outcome: 'packets', packets };
  }
  if (phase === 'signing') {
    const members = state.announced.get('signing')?.members ?? [];
    const digests = members.flatMap((each) => state.masked.get(each)?.digest ?? []);
    return { digests, outcome: 'inputs' };
  }
  const isGlobal = session.announce.participants.length <= GLOBAL_CERTIFICATE_MAX;
  const isNear = new Set([...near, member]);
  const signatures = [...state.survivors.values()]
    .filter((each) => isGlobal || isNear.has(each.member))
    .map(({ member: signer, signature }) => ({ member: signer, signature }));
  return { outcome: 'signatures', signatures };
}

async function openAll<T extends { readonly session: string }>(
  frames: readonly Uint8Array[],
  definition: MessageDefinition<T>,
  keyOf: KeyOf,
  pace: Pace,
): Promise<Said<T>[]> {
  const said: Said<T>[] = [];
  for (const [i, frame] of frames.entries()) {
    if (i % FRAMES_PER_TURN === FRAMES_PER_TURN - 1) await pace.pause();
    const message = openMessage<T>(frame, definition, { federation: FEDERATION, nowMs: 0, keyOf });
    if (!message.ok) throw new Error(message.refusal.detail);
    const { body, bodyBytes, sender: member } = message.value;
    said.push({ member, body, digest: digestOf(bodyBytes), frame });
  }
  return said;
}
