// The site's part in the federation as one reconciliation: from what is known (plan, sum, status)
// and what was done (stored on disk), do what is missing. Restarts and lost messages need no other
// path than this one.

import {
  type DurableReplayWindow,
  type MemberPhase,
  type Session,
  type SessionPolicy,
  sessionCost,
  systemRandom,
} from '@starling/crypto';
import type { Digest, RoundStatus, Sequence } from '@starling/shared';
import { BusError, type GossipTopic, PayloadError } from '@starling/shared';
import type { FitProgress } from '@starling/training';
import { isRegistrationKnown, isVoteMissing } from './acknowledged.ts';
import type { AppScores } from './app-scores.ts';
import type { ChainBeginning } from './chain/chain-beginning.ts';
import type { Collection } from './collection.ts';
import type { KeptTrainings } from './commitments/kept-trainings.ts';
import { ControlIntake } from './control-intake.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { Evaluations } from './evaluations.ts';
import type { IndexGenerations } from './index-generations.ts';
import { LocalTraining } from './local-training.ts';
import type { SiteMembership } from './membership.ts';
import { MissingNeighbours } from './missing-neighbours.ts';
import type { ModelVersions } from './model-versions.ts';
import { examplesRounded, sealRegistration } from './registration-frame.ts';
import { CLOSED_PHASES, RoundTraining } from './round-training.ts';
import { SecureAggregation } from './secure-aggregation.ts';
import type { SpentMarks } from './spent-marks.ts';
import { Voting } from './voting.ts';

export interface ClientParts {
  readonly membership: SiteMembership;
  readonly collection: Collection;
  readonly versions: ModelVersions;
  readonly generations: IndexGenerations;
  readonly evaluations: Evaluations;
  readonly sequence: Sequence;
  readonly replays: DurableReplayWindow;
  readonly spent: SpentMarks;
  readonly policy: SessionPolicy;
  readonly chain: ChainBeginning;
  readonly kept: KeptTrainings;
  readonly scores: AppScores;
}

export class FederationClient {
  readonly #world: PeerDependencies;
  readonly #parts: ClientParts;
  readonly #training: RoundTraining;
  readonly #aggregation: SecureAggregation;
  readonly #voting: Voting;
  readonly #neighbours: MissingNeighbours;
  readonly #stopping = new AbortController();
  readonly control: ControlIntake;
  #ready = false;
  #toldExamples: number | undefined;
  /** The plan whose sum this site refused. */
  #refusedSum: Digest | undefined;
  #vote: { readonly version: number; readonly frame: Uint8Array } | undefined;
  #reconciling: Promise<void> | undefined;
  #again = false;

  constructor(world: PeerDependencies, parts: ClientParts) {
    const { membership, versions } = parts;
    this.#world = world;
    this.#parts = parts;
    this.#neighbours = new MissingNeighbours(world, membership);
    this.#voting = new Voting(world, membership, parts.policy);
    const onNews = () => this.reconcile();
    this.control = new ControlIntake(world, membership, { ...parts, onNews });
    this.#training = new RoundTraining(world, {
      control: this.control,
      training: new LocalTraining(world, { ...parts, random: systemRandom }),
      versions,
      federation: membership.federation,
      isMasked: membership.genesis.task.aggregation.mode === 'masked',
      isReady: () => this.#ready,
      onDone: () => {
        void this.republish();
        this.reconcile();
      },
    });
    this.#aggregation = new SecureAggregation(world, {
      membership,
      book: this.control.sessions,
      spent: parts.spent,
      random: systemRandom,
      status: () => this.control.status,
      charge: (session) => this.#charge(session),
    });
  }

  get #trainsApp(): boolean {
    return this.#parts.membership.genesis.task.app !== null;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Progress of the local training that runs now. */
  get training(): FitProgress | 'starting' | undefined {
    return this.#training.progress;
  }

  /** Where this site stands in the secure aggregation that runs. */
  get aggregation(): MemberPhase | undefined {
    return this.#aggregation.phase;
  }

  /** True when the coordinator's status lists this site. */
  get registered(): boolean {
    return this.control.status?.registered.includes(this.#world.identity.member) ?? false;
  }

  /** Tells the coordinator that this site may be selected. */
  async becomeReady(): Promise<void> {
    this.#ready = true;
    await this.republish();
  }

  /** Does what is missing; calls while it runs make it look once more. */
  reconcile(): void {
    this.#again = true;
    this.#reconciling ??= this.#loop().finally(() => {
      this.#reconciling = undefined;
    });
  }

  /** Publishes everything that the coordinator has not acknowledged yet. */
  async republish(): Promise<void> {
    const { evaluations } = this.#parts;
    const { member } = this.#world.identity;
    const status = this.control.status;
    const examples = examplesRounded(this.#parts);
    const isNews =
      examples !== this.#toldExamples || !isRegistrationKnown(status, member, this.#ready);
    if (isNews || this.#neighbours.isCallDue()) {
      this.#toldExamples = examples;
      await this.#publish('site', sealRegistration(this.#world, this.#parts, this.#ready));
    }
    const { signed, unheardWithdrawal } = this.#training;
    if (signed !== undefined && this.#updateMissing(signed.planDigest, status)) {
      await this.#publish('site', signed.frame);
    }
    if (unheardWithdrawal !== undefined) await this.#publish('site', unheardWithdrawal);
    if (this.#vote !== undefined && isVoteMissing(status, member, this.#vote.version)) {
      await this.#publish('vote', this.#vote.frame);
    }
    for (const [stage, frame] of evaluations.frames) {
      if (!status?.evaluated.includes(`${member}:${stage}`)) await this.#publish('site', frame);
    }
    await this.#aggregation.retry();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the site stops'));
    await this.#training.stop();
    await this.#aggregation.stop();
    await this.#reconciling?.catch(() => undefined);
  }

  async #loop(): Promise<void> {
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      try {
        await this.#catchUp();
        const { evaluations, versions } = this.#parts;
        if (this.#ready) evaluations.scores.measure(versions.current, this.control.status);
        await this.#training.advance();
        await this.#aggregate();
        await this.#castVote();
        await this.#finish();
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        const known = error instanceof BusError || error instanceof PayloadError;
        const detail = error instanceof Error ? error.message : String(error);
        const { logger } = this.#world;
        if (known) logger.debug('not possible now, will be tried again', { detail });
        else logger.error('reconciliation failed', { detail });
      }
    }
  }

  async #catchUp(): Promise<void> {
    const { versions, generations } = this.#parts;
    const status = this.control.status;
    if (status === undefined || status.version <= versions.current.version) return;
    if (await versions.catchUp(status.version, this.#stopping.signal)) {
      if (this.#trainsApp) void this.#parts.scores.measure(versions.current);
      else if (generations.active !== undefined) {
        generations.request(versions.current, status.finished);
      }
      await this.#world.payloads.retain(this.#payloadsInUse());
    }
  }

  /**
   * Why the site's privacy budget does not allow this session; undefined once it is paid. Each
   * attempt pays: a coordinator may open one to whose survivors this site never signed.
   */
  async #charge(session: Session): Promise<string | undefined> {
    const { round } = session.announce;
    const charged = await this.#world.privacy.charge(session.id, round, sessionCost(session));
    if (charged.ok) return undefined;
    const known = this.control.plan;
    if (known?.planDigest === session.announce.plan) {
      this.#training.withdraw(known, 'privacy-budget', null);
    }
    return charged.refusal.detail;
  }

  /** Takes part in the session that was announced for the update this site has trained. */
  async #aggregate(): Promise<void> {
    const known = this.control.plan;
    const { local } = this.#training;
    const status = this.control.status;
    await this.#aggregation.heedConflicts();
    if (known === undefined) return;
    const { plan, planDigest } = known;
    const isOver =
      (status?.round === plan.round && CLOSED_PHASES.includes(status.phase)) ||
      (status !== undefined && status.round > plan.round);
    if (isOver) return this.#aggregation.finish();
    await this.#aggregation.declineReplayed(planDigest);
    if (local?.planDigest !== planDigest) return this.#aggregation.leave();
    const roster = this.#parts.membership.rosterNamed(plan.roster);
    const keys = new Map(roster?.members.map(({ member, publicKey }) => [member, publicKey]));
    await this.#aggregation.advance(local, (member) => keys.get(member));
  }

  async #castVote(): Promise<void> {
    const known = this.control.plan;
    const summed = this.control.aggregate;
    if (known === undefined || summed === undefined) return;
    if (!known.plan.voters.includes(this.#world.identity.member)) return;
    if (this.#vote?.version === summed.version || this.#refusedSum === known.planDigest) return;
    const base = this.#parts.versions.current;
    if (base.ref.root !== known.plan.base) return;
    const ballot = { ...known, aggregate: summed };
    const vote = await this.#voting.vote(ballot, base, this.#stopping.signal);
    if (!vote.ok) {
      this.#refusedSum = known.planDigest;
      const { reason, detail } = vote.refusal;
      this.#world.logger.error('no vote for this sum', { round: summed.round, reason, detail });
      return;
    }
    this.#vote = { version: summed.version, frame: vote.value };
    await this.republish();
  }

  async #finish(): Promise<void> {
    const { versions, generations, evaluations } = this.#parts;
    const status = this.control.status;
    if (!status?.finished || !this.#ready || this.#trainsApp) return;
    if (versions.current.version < status.version || evaluations.frames.has('federated')) return;
    await generations.ensure(versions.current);
    const { localEpochs } = this.#parts.membership.genesis.task.training;
    const epochs = versions.current.version * localEpochs;
    await evaluations.measure('federated', versions.current, epochs);
    await this.republish();
  }

  #updateMissing(planDigest: Digest, status: RoundStatus | undefined): boolean {
    if (!this.#training.isTaken(planDigest)) return false;
    const known = this.control.plan;
    if (status?.round !== known?.plan.round) return true;
    return !status?.received.includes(this.#world.identity.member);
  }

  #payloadsInUse(): Set<string> {
    const { generations, kept, versions } = this.#parts;
    const base = this.control.plan?.plan.base;
    const roots = [versions.current.ref.root, base, generations.active?.ref.root, ...kept.bases];
    return new Set(roots.filter((root) => root !== undefined));
  }

  async #publish(topic: GossipTopic, frame: Uint8Array): Promise<void> {
    try {
      await this.#world.bus.publish(topic, frame);
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      const { code, message } = error;
      this.#world.logger.debug('not published', { topic, code, detail: message });
    }
  }
}
