// Carries out the steps of masked rounds: opens sessions, announces their phases, opens the masks and
// publishes the sum with the transcript from which everyone computes it again.

import {
  type CheckedTranscript,
  createXWingKey,
  type DecodedSum,
  draftAnnounce,
  encodeTranscript,
  masksOfSum,
  openSecrets,
  roundBeacon,
  SessionSum,
  sealMessage,
  stepCoordinator,
  wrapsNeeded,
  type XWingKey,
} from '@starling/crypto';
import {
  checkSum,
  currentSessions,
  type FederationEvent,
  isAggregating,
  phaseDeadline,
  type RoundState,
  type SessionRecord,
  type Step,
  sessionKeyInfo,
  sumStatistics,
} from '@starling/rules';
import type { Digest, FetchOptions, MemberId, SharePacket } from '@starling/shared';
import {
  EXAMPLES_ROUNDED_TO,
  encodeCanonical,
  type MaskedAggregation,
  sessionAnnounce,
  sessionPhase,
  WEIGHT_MAX,
} from '@starling/shared';
import { CoordinatorError } from './coordinator-error.ts';
import type { CoordinatorDependencies, CoordinatorOptions } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';
import type { RoundSum } from './round-driver.ts';
import type { SessionMail } from './session-mail.ts';

type OpenStep = Extract<Step, { kind: 'open-session' }>;
type Failure = Omit<(FederationEvent & { type: 'session-failed' })['payload'], 'session'>;
type FailingStep = Extract<Step, { kind: 'fail-session' }>;
type ClosingStep = Extract<Step, { kind: 'close-phase' }>;

export class SessionDriver {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #options: CoordinatorOptions;
  readonly #mail: SessionMail;

  constructor(
    world: CoordinatorDependencies,
    log: FederationLog,
    options: CoordinatorOptions,
    mail: SessionMail,
  ) {
    this.#world = world;
    this.#log = log;
    this.#options = options;
    this.#mail = mail;
  }

  /** Opens a group's next attempt. */
  async open(round: RoundState, step: OpenStep): Promise<void> {
    const { identity, logger } = this.#world;
    const { attempt, group, participants } = step;
    const { plan, planDigest } = round;
    const body = draftAnnounce({
      attempt,
      beacon: roundBeacon(plan.roster, plan.base),
      coordinatorKey: this.#keyOf(planDigest, group.index, attempt).publicKey,
      group,
      participants,
      phaseWithinMs: phaseDeadline(this.#log.state, this.#options.schedule).withinMs,
      plan,
      planDigest,
      policy: this.#policy(),
      rotationSeed: roundBeacon(plan.roster, planDigest),
      weightMax: this.#weightMax(participants),
    });
    const { federation } = this.#log.state;
    const announce = sealMessage(identity, sessionAnnounce, { federation, body });
    await this.#log.transact((state) =>
      state.round?.planDigest === planDigest && isNext(state.round, step)
        ? [{ type: 'session-opened', payload: { announce } }]
        : [],
    );
    logger.info('session opened', { round: plan.round, attempt, members: participants.length });
  }

  /** Announces a session's next phase, or records why it failed. */
  async closePhase({ missing, session }: ClosingStep): Promise<void> {
    const { identity, logger } = this.#world;
    await this.#log.transact(({ federation, round }) => {
      const record = round?.sessions.get(session);
      if (record === undefined || record.state.failed !== undefined) return [];
      const [effect] = stepCoordinator(record.state, { kind: 'close' }).effects;
      if (effect?.kind === 'announce') {
        const phase = sealMessage(identity, sessionPhase, { federation, body: effect.body });
        const { members } = effect.body;
        const without = missing.filter(({ member }) => !members.includes(member));
        return [{ type: 'session-announced', payload: { missing: without, phase, session } }];
      }
      if (effect?.kind !== 'fail') return [];
      const { blamed, detail, reason } = effect;
      logger.warn('session failed', { session, reason, detail });
      const payload = { blamed: [...blamed], detail, missing: [...missing], reason, session };
      return [{ type: 'session-failed', payload }];
    });
  }

  /** Gives a session up. */
  async fail({ missing, session, why }: FailingStep): Promise<void> {
    const failure = { blamed: [], detail: why, missing: [...missing] };
    await this.#fail(session, { ...failure, reason: 'too-few' });
  }

  /**
   * Opens every group's masks; undefined when a group turned out faulty, which is then recorded.
   */
  async sum(round: RoundState, sources: FetchOptions): Promise<RoundSum | undefined> {
    const groups: { members: number; sum: DecodedSum }[] = [];
    const transcripts: Uint8Array[] = [];
    for (const record of currentSessions(round)) {
      if (record.state.failed !== undefined) continue;
      const opened = await this.#openGroup(round, record, sources);
      if (opened === undefined) return undefined;
      groups.push({ members: sortedInputs(record).length, sum: opened.sum });
      transcripts.push(opened.transcript);
    }
    return {
      contributions: { kind: 'sums', groups },
      evidence: await this.#world.payloads.offer(encodeCanonical(transcripts)),
      statistics: sumStatistics(groups.map(({ sum }) => sum)),
    };
  }

  async #openGroup(round: RoundState, record: SessionRecord, sources: FetchOptions) {
    const { state } = record;
    const { announce } = state.session;
    const key = this.#keyOf(round.planDigest, announce.group.index, announce.attempt);
    const leafOf = async (dealer: MemberId, recipient: MemberId) =>
      (await this.#mail.packet(record, dealer, recipient))?.leaf;
    const secrets = await openSecrets(state, key, leafOf);
    if (secrets.faulty.length > 0) await this.#faulted(record, secrets.faulty);
    if (!secrets.ok) {
      const { blamed, detail, faulty } = secrets;
      // Nothing is lost yet: those that still have to answer may be enough without the wrong ones.
      if (blamed.length === 0 && faulty.length > 0) return undefined;
      return this.#failed(record, 'faulty-shares', detail, blamed);
    }
    const wraps = await this.#wraps(record);
    const leaves = new Map(wraps.map(({ name, packet }) => [name, packet.leaf]));
    const masks = await masksOfSum(state.session, secrets.value, (survivor, dropped) =>
      leaves.get(`${survivor} ${dropped}`),
    );
    if (!masks.ok) return this.#failed(record, 'faulty-shares', masks.refusal.detail, []);
    const sum = new SessionSum(state.session);
    for (const { body } of sortedInputs(record)) {
      const added = await sum.add(await this.#world.payloads.fetch(body.payload, sources));
      if (!added.ok) throw new CoordinatorError('model-unavailable', added.refusal.detail);
    }
    await sum.takeOff(masks.value);
    const centralNoise = announce.noise?.mechanism === 'central-gaussian' ? this.#noise(key) : null;
    const decoded = await checkSum({ session: state.session, centralNoise }, sum, round.plan);
    if (!decoded.ok) return this.#failed(record, 'unusable-sum', decoded.refusal.detail, []);
    const packets = wraps.map(({ packet }) => packet);
    const transcript = encodeTranscript(
      state,
      record.announceFrame,
      secrets.value,
      packets,
      centralNoise,
    );
    return { sum: decoded.value, transcript };
  }

  async #wraps(record: SessionRecord): Promise<{ name: string; packet: SharePacket }[]> {
    const { announced, session } = record.state;
    const sharers = announced.get('masking')?.members ?? [];
    const survivors = announced.get('signing')?.members ?? [];
    const wraps: { name: string; packet: SharePacket }[] = [];
    for (const { survivor, dropped } of wrapsNeeded(session, sharers, survivors)) {
      const packet = await this.#mail.packet(record, survivor, dropped);
      if (packet !== undefined) wraps.push({ name: `${survivor} ${dropped}`, packet });
    }
    return wraps;
  }

  /** Names whoever opened wrong shares; the frames that prove it are on record. */
  async #faulted({ state }: SessionRecord, members: readonly MemberId[]): Promise<void> {
    const session = state.session.id;
    this.#world.logger.warn('wrong shares', { session, members: members.join() });
    this.#world.meter.count('starling_coordinator_secagg_faults_total', members.length);
    await this.#log.transact(({ round }) => {
      if (round === undefined || !isAggregating(round) || !round.sessions.has(session)) return [];
      return [{ type: 'session-faulted', payload: { members: [...members], session } }];
    });
  }

  async #failed(
    { state }: SessionRecord,
    reason: 'faulty-shares' | 'unusable-sum',
    detail: string,
    blamed: readonly MemberId[],
  ): Promise<undefined> {
    await this.#fail(state.session.id, { blamed: [...blamed], detail, missing: [], reason });
  }

  async #fail(session: Digest, failure: Failure): Promise<void> {
    const { detail, reason } = failure;
    this.#world.logger.warn('session failed', { session, reason, detail });
    await this.#log.transact(({ round }) => {
      const record = round?.sessions.get(session);
      if (record === undefined || record.state.failed !== undefined) return [];
      return [{ type: 'session-failed', payload: { ...failure, session } }];
    });
  }

  /** Follows from the identity, so that a restarted coordinator opens what was sealed before. */
  #keyOf(planDigest: CheckedTranscript['session']['id'], group: number, attempt: number): XWingKey {
    const info = sessionKeyInfo(planDigest, group, attempt);
    return createXWingKey(this.#world.identity.deriveSecret(info));
  }

  /** Fresh for each session, and the same again after a restart: one sum, one noise. */
  #noise(key: XWingKey): Uint8Array {
    const info = new TextEncoder().encode('starling/psa1/central-noise');
    return this.#world.identity.deriveSecret(Buffer.concat([info, key.publicKey.subarray(0, 64)]));
  }

  /** The largest weight that a participant may need: its registration tells, rounded up. */
  #weightMax(participants: readonly MemberId[]): number {
    const { registrations } = this.#log.state;
    const examples = participants.map((each) => registrations.get(each)?.examplesRounded ?? 0);
    return Math.min(WEIGHT_MAX, Math.max(EXAMPLES_ROUNDED_TO, ...examples));
  }

  #policy(): MaskedAggregation {
    const { aggregation } = this.#log.state.genesis.task;
    if (aggregation.mode === 'masked') return aggregation;
    throw new TypeError('a plain federation opens no sessions');
  }
}

function isNext(round: RoundState, { attempt, group }: OpenStep): boolean {
  const known = currentSessions(round)[group.index]?.state.session.announce.attempt ?? 0;
  return known === attempt - 1;
}

function sortedInputs({ state }: SessionRecord) {
  const survivors = new Set(state.announced.get('signing')?.members);
  return [...state.masked.values()]
    .filter(({ member }) => survivors.has(member))
    .sort((a, b) => (a.member < b.member ? -1 : 1));
}
