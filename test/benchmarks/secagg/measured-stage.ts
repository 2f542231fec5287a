// The stage of a benchmark: letters are bytes, each side's processor time is counted, masked vectors
// go straight into the sums, because hundreds of them do not fit memory.

import {
  applyMasks,
  beginMember,
  type Identity,
  type Mask,
  type MemberEvent,
  type MemberStep,
  type MemberTask,
  maskUpdate,
  openMessage,
  openSession,
  payloadRef,
  ringVectorToBytes,
  runMemberTask,
  stepMember,
  systemRandom,
} from '@starling/crypto';
import {
  encodeCanonical,
  type MemberId,
  type SessionPhaseName,
  sessionAnnounce,
  sessionPhase,
} from '@starling/shared';
import { FEDERATION, NO_PACE } from '../../secagg/session-fixture.ts';
import type { SimulatedCoordinator } from '../../secagg/simulated-coordinator.ts';
import type { Saying, SimulatedMember, Stage } from '../../secagg/stage.ts';
import { CpuMeter } from './cpu-meter.ts';
import { answerTo, letterOf, readAnswer, readLetter } from './letters.ts';
import { computeShort } from './short-ways.ts';

export class Party {
  readonly cpu = new CpuMeter();
  uploadBytes = 0;
  downloadBytes = 0;
}

/** Who is measured, and whose pairs are real; the rest takes short ways. */
export interface Cast {
  readonly measured: ReadonlySet<MemberId>;
  readonly isReal: (one: MemberId, other: MemberId) => boolean;
}

/** Gets each member's masked vector and the same without masks. */
export type VectorSink = (member: MemberId, masked: Uint8Array, plain: Uint8Array) => Promise<void>;

export class MeasuredStage implements Stage {
  readonly coordinator: SimulatedCoordinator;
  readonly parties = new Map<MemberId, Party>();
  /** R2 of each member, which counts only where the member did not drop out. */
  readonly inputs = new Map<MemberId, Uint8Array>();
  server = new CpuMeter();
  /** The newest announcement as it was signed. */
  phaseFrame: Uint8Array = new Uint8Array();
  members: ReadonlyMap<MemberId, SimulatedMember> = new Map();
  cast: Cast = { measured: new Set(), isReal: () => true };
  sink: VectorSink = async () => undefined;

  constructor(coordinator: SimulatedCoordinator) {
    this.coordinator = coordinator;
  }

  begin({ member }: Identity): MemberStep {
    const party = new Party();
    this.parties.set(member, party);
    return party.cpu.run('keys', () => beginMember(this.coordinator.session, member, systemRandom));
  }

  /** What a measured member does with the announcement of the session. */
  joinSession(member: MemberId): void {
    const { announceFrame, identity } = this.coordinator;
    const party = this.partyOf(member);
    party.downloadBytes += announceFrame.byteLength;
    party.cpu.run('announcements', () => {
      const keyOf = () => identity.publicKey;
      const options = { federation: FEDERATION, nowMs: 0, keyOf };
      const message = openMessage(announceFrame, sessionAnnounce, options);
      if (!message.ok) throw new Error(message.refusal.detail);
      const { body, bodyBytes } = message.value;
      if (!openSession(FEDERATION, body, bodyBytes).ok)
        throw new Error('the session does not open');
    });
  }

  step(member: SimulatedMember, event: MemberEvent): MemberStep {
    const party = this.partyOf(member.identity.member);
    if (event.kind === 'phase' && this.#isMeasured(member)) {
      const keyOf = () => this.coordinator.identity.publicKey;
      const options = { federation: FEDERATION, nowMs: 0, keyOf };
      const opened = party.cpu.run('announcements', () => {
        return openMessage(this.phaseFrame, sessionPhase, options);
      });
      if (!opened.ok) throw new Error(opened.refusal.detail);
      party.downloadBytes += this.phaseFrame.byteLength;
    }
    return party.cpu.run('machine', () => stepMember(member.state, event));
  }

  async compute(member: SimulatedMember, task: MemberTask): Promise<MemberEvent> {
    if (!this.#isMeasured(member)) {
      return computeShort(member, task, this.members, this.cast.isReal);
    }
    const { cpu } = this.partyOf(member.identity.member);
    return cpu.watch(task.kind, (pace) => runMemberTask(member.state, task, systemRandom, pace));
  }

  async mask(member: SimulatedMember, masks: readonly Mask[]): Promise<MemberEvent> {
    const { identity, state, update } = member;
    const { cpu } = this.partyOf(identity.member);
    const { session } = this.coordinator;
    const plain = update.encoded();
    let bytes: Uint8Array;
    if (this.#isMeasured(member)) {
      const { rounding, statistics } = update;
      const coordinates = update.coordinates();
      bytes = await cpu.watch('mask', (pace) =>
        maskUpdate(session, coordinates, statistics, masks, rounding, pace),
      );
    } else {
      const words = plain.slice();
      const others = [...state.opened.keys()];
      const isReal = (i: number): boolean => {
        const other = others[i - 1];
        return other === undefined || this.cast.isReal(identity.member, other);
      };
      const real = masks.filter((_, i) => isReal(i));
      await applyMasks(words, session.numbers, real, NO_PACE);
      bytes = ringVectorToBytes(words);
    }
    const payload = cpu.run('root', () => payloadRef(bytes));
    await this.sink(identity.member, bytes, ringVectorToBytes(plain));
    return { kind: 'masked', commitment: payload.root, payload };
  }

  async fetch(member: SimulatedMember, phase: SessionPhaseName): Promise<MemberEvent> {
    const { identity, state } = member;
    const answer = this.server.run('relay', () =>
      answerTo(this.coordinator, identity.member, phase),
    );
    if (this.#isMeasured(member)) {
      const party = this.partyOf(identity.member);
      party.uploadBytes += encodeCanonical({
        kind: 'inbox',
        phase,
        session: state.session.id,
      }).byteLength;
      party.downloadBytes += answer.byteLength;
      return party.cpu.watch(`verify-${phase}`, (pace) =>
        readAnswer(member, answer, this.coordinator.keyOf, pace),
      );
    }
    if (phase !== 'unmasking') return this.coordinator.inbox(state, phase);
    return { kind: 'certificate', signers: [...this.coordinator.state.survivors.keys()] };
  }

  async say({ identity }: SimulatedMember, effect: Saying): Promise<void> {
    const party = this.partyOf(identity.member);
    const letter = party.cpu.run('sign', () => letterOf(identity, effect));
    party.uploadBytes += letter.byteLength;
    if (effect.kind === 'say-masked') {
      party.uploadBytes += effect.body.payload.bytes;
      this.inputs.set(identity.member, letter);
      return;
    }
    this.server.run(`verify-${effect.kind.slice('say-'.length)}`, () =>
      readLetter(this.coordinator, letter, effect.kind),
    );
  }

  partyOf(member: MemberId): Party {
    const party = this.parties.get(member);
    if (party === undefined) throw new TypeError(`${member} has not begun`);
    return party;
  }

  #isMeasured({ identity }: SimulatedMember): boolean {
    return this.cast.measured.has(identity.member);
  }
}
