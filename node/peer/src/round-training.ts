// The local training of the open round: started once, aborted when the round goes on without it,
// never tried again when it broke, which the others hear.

import { NO_NOISE, sealMessage } from '@starling/crypto';
import { discountLate, lateRoundOf, stalenessOf } from '@starling/rules';
import {
  type Digest,
  type FederationId,
  type MemberId,
  type RoundPhase,
  type RoundPlan,
  WITHDRAWAL_REASONS,
  type WithdrawalReason,
  withdrawal,
} from '@starling/shared';
import { type FitProgress, TrainingError } from '@starling/training';
import type { ControlIntake } from './control-intake.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { LocalTraining, LocalUpdate } from './local-training.ts';
import type { Model, ModelVersions } from './model-versions.ts';
import { PeerError } from './peer-error.ts';

export interface RoundTrainingParts {
  readonly control: ControlIntake;
  readonly training: LocalTraining;
  readonly versions: ModelVersions;
  readonly federation: FederationId;
  readonly isMasked: boolean;
  readonly isReady: () => boolean;
  /** An update is there, or never will be. */
  readonly onDone: () => void;
}

/** Phases of a round that has its sum or never will. */
export const CLOSED_PHASES: readonly RoundPhase[] = ['voting', 'final', 'failed'];

/** A plain round's update, or the word that there is none, as it was signed. */
export interface SignedUpdate {
  readonly planDigest: Digest;
  readonly frame: Uint8Array;
}

interface KnownPlan {
  readonly plan: RoundPlan;
  readonly planDigest: Digest;
}

interface TrainingRun extends KnownPlan {
  readonly abort: AbortController;
  done: Promise<void>;
  progress: FitProgress | undefined;
}

export class RoundTraining {
  readonly #world: PeerDependencies;
  readonly #parts: RoundTrainingParts;
  #run: TrainingRun | undefined;
  /** The plan that this site gives no update for; it is not tried again. */
  #withdrawn: SignedUpdate | undefined;
  #signed: SignedUpdate | undefined;
  #local: LocalUpdate | undefined;

  constructor(world: PeerDependencies, parts: RoundTrainingParts) {
    this.#world = world;
    this.#parts = parts;
  }

  /** Progress of the training that runs now. */
  get progress(): FitProgress | 'starting' | undefined {
    return this.#run === undefined ? undefined : (this.#run.progress ?? 'starting');
  }

  /** The signed update of a plain round. */
  get signed(): SignedUpdate | undefined {
    return this.#signed;
  }

  /** The update of a masked round. */
  get local(): LocalUpdate | undefined {
    return this.#local;
  }

  /** The signed word that there will be no update, while the round may still wait for one. */
  get unheardWithdrawal(): Uint8Array | undefined {
    const { plan: known, status } = this.#parts.control;
    const { member } = this.#world.identity;
    if (known === undefined || known.planDigest !== this.#withdrawn?.planDigest) return undefined;
    const { round } = known.plan;
    const isOver =
      status !== undefined &&
      (status.round > round || (status.round === round && CLOSED_PHASES.includes(status.phase)));
    const isHeard =
      status?.round === round && status.missing.some((missing) => missing.member === member);
    return isOver || isHeard ? undefined : this.#withdrawn.frame;
  }

  /** Gives no update for this plan, whatever else happens, and says why. */
  withdraw({ plan, planDigest }: KnownPlan, reason: WithdrawalReason, step: number | null): void {
    if (this.#withdrawn?.planDigest === planDigest) return;
    const { federation } = this.#parts;
    const body = { plan: planDigest, reason, round: plan.round, step };
    const frame = sealMessage(this.#world.identity, withdrawal, { federation, body });
    this.#withdrawn = { planDigest, frame };
    this.#local = undefined;
  }

  /** Starts what the known plan asks for, ends what it no longer does. */
  async advance(): Promise<void> {
    if (this.#run !== undefined && !this.#mayCount(this.#run)) {
      this.#run.abort.abort(new Error('the round went on without this site'));
      await this.#run.done;
    }
    const known = this.#parts.control.plan;
    const { member } = this.#world.identity;
    if (known === undefined || !known.plan.cohort.includes(member)) return;
    const { plan, planDigest } = known;
    // A rollback trains nobody.
    if (plan.restores !== undefined) return;
    if (!this.isTaken(planDigest) || this.#run !== undefined) return;
    if (this.#isAnswered(planDigest)) return;
    if (!this.#parts.isMasked) {
      const stored = await this.#parts.training.stored(planDigest);
      if (stored !== undefined) {
        this.#signed = { planDigest, frame: stored };
        this.#parts.onDone();
        return;
      }
    }
    if (!this.#parts.isReady()) return;
    const late = await this.#parts.training.late(plan, planDigest);
    const base = this.#parts.versions.current;
    if (late === undefined && base.ref.root !== plan.base) return;
    const abort = new AbortController();
    const begun = { plan, planDigest, abort, progress: undefined, done: Promise.resolve() };
    const run: TrainingRun = begun;
    this.#run = run;
    run.done = this.#answer(run, late, base);
  }

  /** What the run gives may be taken: for its own plan, or too late for it, for a later one. */
  #mayCount({ plan, planDigest }: KnownPlan): boolean {
    if (this.isTaken(planDigest)) return true;
    const { plan: known, status } = this.#parts.control;
    const { stalenessMax = 0 } = plan;
    if (known === undefined || status?.finished === true || stalenessMax === 0) return false;
    if (known.planDigest === planDigest) return true;
    const { member } = this.#world.identity;
    if (known.plan.cohort.includes(member)) {
      return lateRoundOf(known.plan, member)?.plan === planDigest;
    }
    return known.plan.baseVersion - plan.baseVersion < stalenessMax;
  }

  /** The coordinator still takes updates for this plan, as far as this site knows. */
  isTaken(planDigest: Digest): boolean {
    const known = this.#parts.control.plan;
    if (known?.planDigest !== planDigest) return false;
    const status = this.#parts.control.status;
    if (status === undefined || status.round < known.plan.round) return true;
    return status.round === known.plan.round && status.phase === 'training';
  }

  async stop(): Promise<void> {
    this.#run?.abort.abort(new Error('the site stops'));
    await this.#run?.done.catch(() => undefined);
  }

  #isAnswered(planDigest: Digest): boolean {
    const answers = [this.#signed, this.#local, this.#withdrawn];
    return answers.some((answer) => answer?.planDigest === planDigest);
  }

  async #answer(run: TrainingRun, late: LocalUpdate | undefined, base: Model): Promise<void> {
    const { isMasked, onDone, training } = this.#parts;
    const { plan, planDigest } = run;
    const options = {
      signal: run.abort.signal,
      onProgress: (progress: FitProgress) => {
        run.progress = progress;
      },
    };
    try {
      // A plain update leaves without noise; a masked one is paid for when its session is known.
      const { privacy } = this.#world;
      const paid = isMasked ? undefined : await privacy.charge(planDigest, plan.round, NO_NOISE);
      if (paid?.ok === false) throw new PeerError('privacy-budget', paid.refusal.detail);
      if (late !== undefined) this.#world.logger.info('a late update', { round: plan.round });
      const update = late ?? (await training.train(plan, planDigest, base, options));
      if (isMasked) this.#local = discounted(update, plan, this.#world.identity.member);
      else this.#signed = { planDigest, frame: await training.answer(plan, update) };
    } catch (error) {
      if (run.abort.signal.aborted) return;
      const known =
        error instanceof TrainingError || error instanceof PeerError ? error : undefined;
      const code = known?.code ?? 'failed';
      const step = error instanceof TrainingError ? error.step : undefined;
      const detail = error instanceof Error ? error.message : String(error);
      const reason = WITHDRAWAL_REASONS.find((each) => each === code) ?? 'failed';
      this.withdraw({ plan, planDigest }, reason, step ?? null);
      this.#world.meter.count('starling_peer_training_failures_total', 1, { code });
      this.#world.logger.error('no update from this site', { round: plan.round, code, detail });
    } finally {
      this.#run = undefined;
      onDone();
    }
  }
}

/** Nobody can scale a masked update but the site: by how many versions it is late. */
function discounted(update: LocalUpdate, plan: RoundPlan, member: MemberId): LocalUpdate {
  const staleness = stalenessOf(plan, member, update.base) ?? 0;
  return staleness === 0 ? update : { ...update, delta: discountLate(update.delta, staleness) };
}
