// Carries out what the rules decide: opens rounds, sums updates, finalises versions.

import { sealMessage } from '@starling/crypto';
import {
  activePeers,
  type Contributions,
  chainGenesisFor,
  chainObjection,
  checkUpdatePayload,
  decodeVersion,
  discountLate,
  encodeVersion,
  type FederationEvent,
  type FederationState,
  type FrameContent,
  isAggregating,
  type MemberUpdate,
  nextStep,
  nextVersion,
  type Presence,
  type RoundState,
  type Step,
  stalenessOf,
  type VersionModel,
} from '@starling/rules';
import type {
  FetchOptions,
  MissingMember,
  ModelUpdate,
  PayloadRef,
  RoundPlan,
  SumStatistics,
} from '@starling/shared';
import {
  aggregate,
  chainGenesis,
  encodeCanonical,
  roundPlan,
  tensorToBytes,
} from '@starling/shared';
import { certificateOf } from './certificate-of.ts';
import { CoordinatorError } from './coordinator-error.ts';
import type { CoordinatorDependencies, CoordinatorOptions } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';
import { payloadsInUse } from './payloads-in-use.ts';
import { RegistryDriver } from './registry-driver.ts';
import type { SessionDriver } from './session-driver.ts';

export class RoundDriver {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #options: CoordinatorOptions;
  readonly #sessions: SessionDriver;
  readonly #registry: RegistryDriver;
  readonly #stopping = new AbortController();
  #startingRef: PayloadRef | undefined;
  #driving: Promise<void> | undefined;
  #waitingFor = 'the start';

  constructor(
    world: CoordinatorDependencies,
    log: FederationLog,
    options: CoordinatorOptions,
    sessions: SessionDriver,
  ) {
    this.#sessions = sessions;
    this.#registry = new RegistryDriver(world, log);
    this.#world = world;
    this.#log = log;
    this.#options = options;
  }

  /** What the rules said last time, in words. */
  get waitingFor(): string {
    return this.#waitingFor;
  }

  /** Newest final model: version 0's parameters until the first version is certified. */
  async currentModel(): Promise<PayloadRef> {
    const newest = this.#log.state.versions.at(-1);
    if (newest !== undefined) return newest.model;
    this.#startingRef ??= await this.#world.payloads.offer(
      tensorToBytes(this.#world.startingModel),
    );
    return this.#startingRef;
  }

  /** Takes steps until the rules say to wait; concurrent calls join the one that runs. */
  drive(presence: () => Presence): Promise<void> {
    this.#driving ??= this.#run(presence).finally(() => {
      this.#driving = undefined;
    });
    return this.#driving;
  }

  /** Takes no further step; resolves when the present one is over. */
  async stop(): Promise<void> {
    this.#stopping.abort(new CoordinatorError('stopped', 'the coordinator stops'));
    await this.#driving?.catch(() => undefined);
  }

  async #run(presence: () => Presence): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const step = nextStep(this.#log.state, presence(), this.#options.schedule);
      const before = this.#waitingFor;
      this.#waitingFor = step.kind === 'wait' ? step.why : step.kind;
      if (step.kind === 'wait' || step.kind === 'finished') return;
      if (step.kind === 'open-round' && this.#mayNotOpen(before)) return;
      await this.#take(step);
    }
  }

  /** Nothing begins under rules of the chain that are not safe: neither it nor the first round. */
  #mayNotOpen(before: string): boolean {
    const objection = chainObjection(this.#log.state, this.#options.chainEngine);
    if (objection === undefined) return false;
    this.#waitingFor = `members for whom the chain's rules are safe (chainEngine): ${objection}`;
    if (before === this.#waitingFor) return true;
    this.#world.logger.error('the chain is not opened, and no round', { detail: objection });
    return true;
  }

  /** Whatever was recorded since the step was decided is looked at again before it is taken. */
  async #take(step: Exclude<Step, { kind: 'wait' | 'finished' }>): Promise<void> {
    const { logger } = this.#world;
    const { head } = this.#log.state;
    switch (step.kind) {
      case 'open-round': {
        const model = await this.currentModel();
        const elements = this.#world.startingModel.length;
        const plan = { ...step.plan, base: model.root, elements };
        const frame = sealMessage(this.#world.identity, roundPlan, {
          federation: this.#log.state.federation,
          body: plan,
        });
        const opened = await this.#log.transact((state) => {
          if (state.head !== head) return [];
          return [
            ...this.#chainOpening(),
            { type: 'cohort-selected', payload: step.selection },
            { type: 'round-opened', payload: { plan: frame } },
          ];
        });
        if (opened) logger.info('round opened', { round: plan.round, cohort: plan.cohort.length });
        return;
      }
      case 'open-session':
        return this.#sessions.open(openRoundOf(this.#log.state), step);
      case 'close-phase':
        return this.#sessions.closePhase(step);
      case 'fail-session':
        return this.#sessions.fail(step);
      case 'aggregate':
        return this.#aggregate(step.missing);
      case 'fail-round':
        return this.#failRound(head, step.missing, step.why);
      case 'finalise':
        return this.#finalise();
      case 'restore':
        return this.#registry.restore(step.version);
      case 'stop-run':
        return this.#registry.stopRun(head, step);
    }
  }

  /** The chain opens with the first round; in a log from before chains, with the next one. */
  #chainOpening(): FederationEvent[] {
    const { state } = this.#log;
    if (state.chain !== undefined) return [];
    const content = {
      federation: state.federation,
      body: chainGenesisFor(state, this.#options.chainEngine),
    };
    const genesis = sealMessage(this.#world.identity, chainGenesis, content);
    return [{ type: 'chain-opened', payload: { genesis } }];
  }

  async #aggregate(missing: readonly MissingMember[]): Promise<void> {
    const { clock, identity, meter, payloads } = this.#world;
    const round = openRoundOf(this.#log.state);
    const startedMs = clock.monotonicMs();
    const { head } = this.#log.state;
    const isMasked = round.sessions.size > 0;
    const summed = isMasked
      ? await this.#sessions.sum(round, this.#sources())
      : await this.#plainSum(round);
    if (summed === undefined) return;
    const base = await this.#version(await this.currentModel());
    const { task } = this.#log.state.genesis;
    const next = await nextVersion(task, round.plan, base, summed.contributions);
    if (!next.ok) return this.#failRound(head, missing, next.refusal.detail);
    const frame = sealMessage(identity, aggregate, {
      federation: this.#log.state.federation,
      body: {
        base: round.plan.base,
        missing: [...missing],
        model: await payloads.offer(encodeVersion(next.value)),
        plan: round.planDigest,
        round: round.plan.round,
        statistics: summed.statistics,
        updates: summed.evidence,
        version: round.plan.baseVersion + 1,
      },
    });
    // A masked sum takes in nobody who answers late: its survivors are certified.
    const isSumOf = (now: RoundState, headNow: number): boolean =>
      isMasked ? isAggregating(now) : now.phase === 'training' && headNow === head;
    await this.#log.transact(({ head: headNow, round: now }) =>
      now?.planDigest === round.planDigest && isSumOf(now, headNow)
        ? [{ type: 'aggregate-published', payload: { aggregate: frame } }]
        : [],
    );
    const seconds = (clock.monotonicMs() - startedMs) / 1000;
    meter.observe('starling_coordinator_aggregation_seconds', seconds);
  }

  async #failRound(head: number, missing: readonly MissingMember[], why: string): Promise<void> {
    const round = openRoundOf(this.#log.state).plan.round;
    const payload = { missing: [...missing], reason: why, round };
    const failed = await this.#log.transact((state) =>
      state.head === head ? [{ type: 'round-failed', payload }] : [],
    );
    if (failed) this.#world.logger.warn('round failed', { round, why });
  }

  async #plainSum(round: RoundState): Promise<RoundSum> {
    const { payloads } = this.#world;
    const updates = [...round.updates.values()].sort((a, b) => (a.sender < b.sender ? -1 : 1));
    const evidence = await payloads.offer(encodeCanonical(updates.map(({ frame }) => frame)));
    const contributions = { kind: 'updates', updates: this.#fetched(updates, round.plan) } as const;
    return { contributions, evidence, statistics: null };
  }

  /** One update after the other: never all of a round in memory. */
  async *#fetched(
    updates: readonly FrameContent<ModelUpdate>[],
    plan: RoundPlan,
  ): AsyncGenerator<MemberUpdate> {
    for (const { body, sender: member } of updates) {
      const bytes = await this.#world.payloads.fetch(body.payload, this.#sources());
      const payload = checkUpdatePayload(bytes, plan);
      if (!payload.ok) throw new CoordinatorError('model-unavailable', payload.refusal.detail);
      const staleness = stalenessOf(plan, member, body.base) ?? 0;
      const delta = discountLate(payload.value, staleness);
      yield { member, examples: body.examples, delta };
    }
  }

  async #finalise(): Promise<void> {
    const { logger, payloads } = this.#world;
    await this.#log.transact((state) => {
      const round = openRoundOf(state);
      return [
        {
          type: 'version-finalised',
          payload: {
            certificate: certificateOf(round),
            round: round.plan.round,
            version: round.plan.baseVersion + 1,
          },
        },
      ];
    });
    const { state } = this.#log;
    const version = state.versions.at(-1)?.version ?? 0;
    logger.info('version final', { version, votes: state.round?.votes.size ?? 0 });
    await payloads.retain(payloadsInUse(state, this.#options.verifiableRounds));
  }

  async #version(ref: PayloadRef): Promise<VersionModel> {
    const bytes = await this.#world.payloads.fetch(ref, this.#sources());
    const version = decodeVersion(bytes, this.#world.startingModel.length);
    if (!version.ok) throw new CoordinatorError('model-unavailable', version.refusal.detail);
    return version.value;
  }

  /** Everything lies here already; should the disk have lost it, the members have it too. */
  #sources(): FetchOptions {
    const providers = activePeers(this.#log.state.roster).map(({ transportId }) => transportId);
    return { providers, signal: this.#stopping.signal };
  }
}

/** What a round gave, and what everyone computes it again from. */
export interface RoundSum {
  readonly contributions: Contributions;
  readonly evidence: PayloadRef;
  readonly statistics: SumStatistics | null;
}

function openRoundOf(state: FederationState): RoundState {
  if (state.round === undefined) throw new CoordinatorError('stopped', 'no round is open');
  return state.round;
}
