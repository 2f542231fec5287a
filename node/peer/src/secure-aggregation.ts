// This site's part in secure aggregations: drives the member's state machine. What it says goes out
// again until the coordinator has it; everything secret stays in memory and ends with the session.

import {
  beginMember,
  type MemberEffect,
  type MemberEvent,
  type MemberState,
  maskUpdate,
  type RandomSource,
  runMemberTask,
  type Session,
  stepMember,
} from '@starling/crypto';
import type { Digest, MemberId, RoundStatus, SessionPhaseName } from '@starling/shared';
import type { PeerDependencies } from './dependencies.ts';
import type { LocalUpdate } from './local-training.ts';
import type { SiteMembership } from './membership.ts';
import { type Attempt, PendingWork } from './pending-work.ts';
import { SecaggMail } from './secagg-mail.ts';
import type { SessionBook } from './session-book.ts';
import { SessionFarewell } from './session-farewell.ts';
import { SessionPatience } from './session-patience.ts';
import type { SpentMarks } from './spent-marks.ts';

export interface AggregationParts {
  readonly membership: SiteMembership;
  readonly book: SessionBook;
  readonly spent: SpentMarks;
  readonly random: RandomSource;
  /** The newest status of the coordinator. */
  readonly status: () => RoundStatus | undefined;
  /** Called before a masked vector leaves the site; a refusal keeps it here. */
  readonly charge: (session: Session) => Promise<string | undefined>;
}

interface Running {
  state: MemberState;
  readonly update: LocalUpdate;
  readonly keyOf: (member: MemberId) => Uint8Array | undefined;
  readonly pending: PendingWork;
  phasesTaken: number;
}

export class SecureAggregation {
  readonly #world: PeerDependencies;
  readonly #parts: AggregationParts;
  readonly #mail: SecaggMail;
  readonly #patience: SessionPatience;
  readonly #stopping = new AbortController();
  #running: Running | undefined;
  readonly #farewell: SessionFarewell;
  /** Events are taken one after the other. */
  #tail: Promise<void> = Promise.resolve();
  #isRetrying = false;

  constructor(world: PeerDependencies, parts: AggregationParts) {
    this.#world = world;
    this.#parts = parts;
    this.#mail = new SecaggMail(world, parts.membership, this.#stopping.signal);
    this.#farewell = new SessionFarewell(world, this.#mail, this.#stopping.signal);
    this.#patience = new SessionPatience(world.clock, () => {
      const coordinator = parts.membership.coordinator?.transportId;
      return world.bus.connected().some((each) => each === coordinator);
    });
  }

  /** Phase of the member's machine in the session that runs. */
  get phase(): MemberState['phase'] | undefined {
    return this.#running?.state.phase;
  }

  /**
   * Takes part in the newest session that was announced for this update, unless it already does or
   * has signed for it before; hands on what was announced meanwhile.
   */
  async advance(update: LocalUpdate, keyOf: Running['keyOf']): Promise<void> {
    const session = this.#parts.book.mine;
    if (session === undefined || session.announce.plan !== update.planDigest) return;
    if (this.#running?.state.session.id !== session.id) await this.#begin(session, update, keyOf);
    await this.#takePhases();
    await this.#tail;
  }

  /** Leaves the session of which the coordinator signed two things, and keeps both. */
  async heedConflicts(): Promise<void> {
    for (const { session, detail, evidence } of this.#parts.book.takeConflicts()) {
      const state = this.#running?.state;
      const isRunning =
        state?.session.id === session.id && state.phase !== 'done' && state.phase !== 'aborted';
      if (isRunning) await this.#take({ kind: 'abort', reason: 'equivocation', detail, evidence });
      else await this.#farewell.leave(session, 'equivocation', detail, evidence);
    }
  }

  /**
   * Tells the coordinator not to wait for this site in the announced session of this plan, if it took
   * part before it was restarted.
   */
  async declineReplayed(plan: Digest): Promise<void> {
    const session = this.#parts.book.mine;
    if (session === undefined || session.announce.plan !== plan) return;
    if (this.#running?.state.session.id === session.id) return;
    if (!this.#parts.spent.isAbove(session.announce)) await this.#stayOutReplayed(session);
  }

  /** Says again what is not acknowledged, asks again what was not answered. */
  async retry(): Promise<void> {
    // A coordinator that answers slowly is not asked once more for each time it was.
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    await this.#enqueue(async () => {
      await this.#running?.pending.retry();
      await this.#farewell.retry();
    });
    this.#isRetrying = false;
  }

  /** The round has its sum or never will: nobody waits for this site any more. */
  async finish(): Promise<void> {
    this.#farewell.end();
    await this.leave();
  }

  /** Ends the session that runs: it is over, or of another plan. */
  async leave(): Promise<void> {
    if (this.#running === undefined) return;
    const isDone = this.#running.state.phase === 'revealed';
    await this.#take(
      isDone
        ? { kind: 'finished' }
        : { kind: 'abort', reason: 'superseded', detail: 'the round went on' },
    );
    this.#drop();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the site stops'));
    await this.#tail.catch(() => undefined);
    this.#drop();
  }

  async #begin(session: Session, update: LocalUpdate, keyOf: Running['keyOf']): Promise<void> {
    const { logger } = this.#world;
    const { attempt, round } = session.announce;
    const standing = this.#parts.spent.standing({ round, update: update.digest });
    if (standing !== undefined) {
      const detail = `signed for in attempt ${standing.attempt} of round ${standing.round}`;
      const evidence = this.#parts.book.frameOf(session.id);
      return this.#farewell.stayOut(session, 'spent', detail, evidence);
    }
    if (!(await this.#parts.spent.raise({ attempt, round }))) {
      return this.#stayOutReplayed(session);
    }
    if (this.#running !== undefined) {
      await this.#take({ kind: 'abort', reason: 'superseded', detail: 'a new attempt' });
      this.#drop();
    }
    const { member } = this.#world.identity;
    const { state, effects } = beginMember(session, member, this.#parts.random);
    const pending = new PendingWork(logger, this.#stopping.signal);
    this.#running = { state, update, keyOf, pending, phasesTaken: 0 };
    await this.#enqueue(() => this.#perform(effects));
  }

  #stayOutReplayed(session: Session): Promise<void> {
    return this.#farewell.stayOut(
      session,
      'replayed',
      'this site was in this attempt or a later one',
    );
  }

  async #takePhases(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    const phases = this.#parts.book.phasesOf(running.state.session.id);
    for (const { body, frame } of phases.slice(running.phasesTaken)) {
      running.phasesTaken += 1;
      this.#startPatience(running);
      await this.#take({ kind: 'phase', body, frame });
    }
  }

  #take(event: MemberEvent): Promise<void> {
    return this.#enqueue(() => this.#step(event));
  }

  async #step(event: MemberEvent): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    const { state, effects } = stepMember(running.state, event);
    if (state.phase !== running.state.phase) running.pending.clear();
    running.state = state;
    await this.#perform(effects);
  }

  async #perform(effects: readonly MemberEffect[]): Promise<void> {
    for (const effect of effects) {
      const event = await this.#do(effect);
      if (event !== undefined) await this.#step(event);
    }
  }

  /** Carries out an effect; what needs the network is tried at once and kept until it is done. */
  async #do(effect: MemberEffect): Promise<MemberEvent | undefined> {
    const running = this.#running;
    if (running === undefined) return undefined;
    const { pending, state } = running;
    const keep = async (name: string, attempt: Attempt): Promise<undefined> => {
      await pending.add(name, attempt);
    };
    switch (effect.kind) {
      case 'compute':
        return runMemberTask(state, effect.task, this.#parts.random);
      case 'mask':
        return this.#mask(running, effect.masks);
      case 'record-spent':
        return this.#recordSpent(running, effect.digest);
      case 'fetch':
        return keep(`fetch ${effect.phase}`, () => this.#fetch(running, effect.phase));
      case 'say-masked':
      case 'say-survivors': {
        const frame = this.#mail.seal(effect);
        const topic = effect.kind === 'say-masked' ? 'site' : 'vote';
        // The newest status may still be about what was said before.
        let isFirst = true;
        return keep(effect.kind, async () => {
          if (isFirst || !this.#isAnswered(running)) await this.#world.bus.publish(topic, frame);
          isFirst = false;
          return false;
        });
      }
      case 'aborted':
        await this.#farewell.leave(state.session, effect.reason, effect.detail, effect.evidence);
        return undefined;
      default: {
        const request = this.#mail.request(effect);
        return keep(effect.kind, () => this.#mail.send(request));
      }
    }
  }

  async #mask(
    { state, update }: Running,
    masks: Parameters<typeof maskUpdate>[3],
  ): Promise<MemberEvent> {
    const refused = await this.#parts.charge(state.session);
    if (refused !== undefined) return { kind: 'abort', reason: 'over-budget', detail: refused };
    const bytes = await maskUpdate(state.session, update.delta, update, masks, this.#parts.random);
    const payload = await this.#world.payloads.offer(bytes);
    return { kind: 'masked', commitment: update.commitment, payload };
  }

  async #recordSpent({ state, update }: Running, survivors: LocalUpdate['digest']) {
    const { attempt, round } = state.session.announce;
    const mark = { attempt, round, session: state.session.id, survivors, update: update.digest };
    const { ok, standing } = await this.#parts.spent.record(mark);
    if (ok) return { kind: 'spent' } as const;
    const detail = `round ${standing.round} was signed for in attempt ${standing.attempt}`;
    return { kind: 'spent-before', detail } as const;
  }

  /** What belongs to a phase: asked for until it came. */
  async #fetch({ keyOf, state }: Running, phase: SessionPhaseName): Promise<boolean> {
    const { session, survivors } = state;
    const event =
      phase === 'unmasking' && survivors !== undefined
        ? await this.#mail.certificate(session, survivors, keyOf)
        : await this.#mail.fetch(session, phase, keyOf);
    if (event === undefined) return false;
    await this.#step(event);
    return true;
  }

  #isAnswered({ state }: Running): boolean {
    const listed = this.#parts.status()?.sessions.find(({ id }) => id === state.session.id);
    return listed?.answered.includes(state.member) ?? false;
  }

  #startPatience(running: Running): void {
    this.#patience.start(running.state.session.announce.phaseWithinMs, () => {
      if (this.#running !== running) return;
      void this.#take({ kind: 'abort', reason: 'timeout', detail: 'the session does not move' });
    });
  }

  #drop(): void {
    this.#patience.stop();
    this.#running = undefined;
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const run = this.#tail.then(work);
    this.#tail = run.catch((error: unknown) => {
      if (this.#stopping.signal.aborted) return;
      const detail = error instanceof Error ? error.message : String(error);
      this.#world.logger.error('secure aggregation failed', { detail });
    });
    return this.#tail;
  }
}
