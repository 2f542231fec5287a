// What sites gossip to the coordinator: verified, judged by the rules, then recorded.

import { type DurableReplayWindow, digestOf, openMessage } from '@starling/crypto';
import { activePeers, checkUpdatePayload, isAnswered, type RoundState } from '@starling/rules';
import type {
  Evaluation,
  MaskedInput,
  MemberId,
  MessageDefinition,
  ModelUpdate,
  ModelVote,
  Opened,
  Refusal,
  RefusalReason,
  Registration,
  Verdict,
  VersionEvaluation,
  Withdrawal,
} from '@starling/shared';
import {
  ACCEPT,
  evaluation,
  maskedInput,
  modelUpdate,
  modelVote,
  refusal,
  registration,
  survivors,
  versionEvaluation,
  withdrawal,
  withdrawalText,
} from '@starling/shared';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';
import {
  judgeScore,
  judgeVote,
  judgeWithdrawal,
  objectionToUpdate,
  sameRegistration,
} from './judge-messages.ts';
import { provenUpdates, provenVotes } from './ledger/equivocations.ts';
import type { MeasuredLinks } from './measured-links.ts';
import type { Pulls } from './pulls.ts';
import type { SessionIntake } from './session-intake.ts';

const SITE_MESSAGES = [
  registration,
  modelUpdate,
  evaluation,
  versionEvaluation,
  maskedInput,
  withdrawal,
];
const VOTE_MESSAGES = [modelVote, survivors];

type SiteBody =
  | Registration
  | ModelUpdate
  | Evaluation
  | VersionEvaluation
  | MaskedInput
  | Withdrawal;

export class Intake {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #replays: DurableReplayWindow;
  /** Newest registration of each member: gossip may bring an older one later. */
  readonly #registeredSeq = new Map<MemberId, number>();
  readonly #links: MeasuredLinks;
  readonly #pulls: Pulls;
  readonly #sessions: SessionIntake;
  readonly #signal: AbortSignal;
  readonly #onRecorded: () => void;

  constructor(
    world: CoordinatorDependencies,
    log: FederationLog,
    parts: {
      readonly links: MeasuredLinks;
      readonly pulls: Pulls;
      readonly replays: DurableReplayWindow;
      readonly sessions: SessionIntake;
      readonly signal: AbortSignal;
      readonly onRecorded: () => void;
    },
  ) {
    this.#world = world;
    this.#log = log;
    this.#links = parts.links;
    this.#pulls = parts.pulls;
    this.#replays = parts.replays;
    this.#sessions = parts.sessions;
    this.#signal = parts.signal;
    this.#onRecorded = parts.onRecorded;
  }

  /** Handler of the topic `site`. */
  async onSiteMessage(bytes: Uint8Array): Promise<Verdict> {
    const opened = this.#open(bytes, SITE_MESSAGES);
    if (!opened.ok) return this.#counted(opened.refusal);
    const message = opened.value as Opened<SiteBody>;
    return this.#judged(message.sender, await this.#takeSite(message, bytes));
  }

  /** Handler of the topic `vote`. */
  async onVoteMessage(bytes: Uint8Array): Promise<Verdict> {
    const opened = this.#open(bytes, VOTE_MESSAGES);
    if (!opened.ok) return this.#counted(opened.refusal);
    const message: Opened<unknown> = opened.value;
    const verdict =
      message.type === survivors.type
        ? await this.#sessions.take(message, bytes)
        : await this.#vote(message as Opened<ModelVote>, bytes);
    return this.#judged(message.sender, verdict);
  }

  async #takeSite(message: Opened<SiteBody>, bytes: Uint8Array): Promise<Verdict> {
    if (message.type === registration.type) {
      return this.#register(message as Opened<Registration>);
    }
    if (message.type === evaluation.type) {
      return this.#evaluate(message as Opened<Evaluation>, bytes);
    }
    if (message.type === versionEvaluation.type) {
      return this.#measure(message as Opened<VersionEvaluation>, bytes);
    }
    if (message.type === maskedInput.type) return this.#sessions.take(message, bytes);
    if (message.type === withdrawal.type) {
      return this.#withdraw(message as Opened<Withdrawal>, bytes);
    }
    return this.#update(message as Opened<ModelUpdate>, bytes);
  }

  #open<D extends MessageDefinition<unknown>>(bytes: Uint8Array, allowed: readonly D[]) {
    const { federation, roster } = this.#log.state;
    return openMessage<D>(bytes, allowed, {
      federation,
      nowMs: this.#world.clock.nowMs(),
      keyOf: (sender) => activePeers(roster).find(({ member }) => member === sender)?.publicKey,
    });
  }

  #counted(verdict: Verdict): Verdict {
    const { meter, logger } = this.#world;
    if (verdict.kind === 'accept') {
      meter.count('starling_coordinator_messages_total', 1, { outcome: 'accepted' });
    } else {
      const { reason, detail } = verdict;
      meter.count('starling_coordinator_messages_total', 1, { outcome: reason });
      if (reason !== 'duplicate') logger.debug('message refused', { reason, detail });
    }
    return verdict;
  }

  /**
   * Counts a verdict on a message that its author signed. Its fault is the author's: an honest site
   * that passed it on could not know the plan or the votes on record, and keeps its score.
   */
  #judged(author: MemberId, verdict: Verdict): Verdict {
    this.#counted(verdict);
    if (verdict.kind !== 'reject') return verdict;
    this.#penalise(author, verdict.reason);
    return { ...verdict, kind: 'ignore' };
  }

  #penalise(author: MemberId, reason: RefusalReason): void {
    const { members } = this.#log.state.roster;
    const transportId = members.find(({ member }) => member === author)?.transportId;
    if (transportId !== undefined) this.#world.bus.penalise(transportId, reason);
  }

  async #register(message: Opened<Registration>): Promise<Verdict> {
    const seen = await this.#replays.check(message.sender, message.seq ?? 0);
    if (seen !== 'fresh') return refusal(seen, 'this registration was seen before');
    const seq = message.seq ?? 0;
    if (seq < (this.#registeredSeq.get(message.sender) ?? 0)) {
      return refusal('replay', 'a newer registration of this member is known');
    }
    this.#registeredSeq.set(message.sender, seq);
    const wrote = await this.#log.transact((state) => {
      const known = state.registrations.get(message.sender);
      if (known !== undefined && sameRegistration(known, message.body)) return [];
      const payload = { member: message.sender, registration: message.body };
      return [{ type: 'site-registered', payload }];
    });
    if (wrote) this.#onRecorded();
    return ACCEPT;
  }

  async #evaluate(message: Opened<Evaluation>, frame: Uint8Array): Promise<Verdict> {
    const { body, sender } = message;
    const wrote = await this.#log.transact((state) => {
      if (state.evaluations.get(sender)?.has(body.stage)) return [];
      return [{ type: 'evaluation-received', payload: { evaluation: frame, member: sender } }];
    });
    if (wrote) this.#onRecorded();
    return wrote ? ACCEPT : refusal('duplicate', `${body.stage} of this site is on record`);
  }

  async #measure(message: Opened<VersionEvaluation>, frame: Uint8Array): Promise<Verdict> {
    let verdict: Verdict = ACCEPT;
    const wrote = await this.#log.transact(({ registry }) => {
      verdict = judgeScore(message, registry);
      if (verdict.kind !== 'accept') return [];
      const payload = { evaluation: frame, member: message.sender };
      return [{ type: 'version-measured', payload }];
    });
    if (wrote) this.#onRecorded();
    return verdict;
  }

  async #withdraw(message: Opened<Withdrawal>, frame: Uint8Array): Promise<Verdict> {
    const { body, sender } = message;
    let verdict: Verdict = ACCEPT;
    const wrote = await this.#log.transact(({ round }) => {
      verdict = judgeWithdrawal(message, round);
      if (verdict.kind !== 'accept') return [];
      return [{ type: 'site-withdrew', payload: { member: sender, withdrawal: frame } }];
    });
    if (wrote) {
      const why = withdrawalText(body);
      this.#world.logger.warn('a site withdrew', { member: sender, round: body.round, why });
      this.#onRecorded();
    }
    return verdict;
  }

  async #update(message: Opened<ModelUpdate>, frame: Uint8Array): Promise<Verdict> {
    const round = this.#log.state.round;
    if (round === undefined) return refusal('stale-round', 'no round is open');
    const objection = objectionToUpdate(message, round);
    if (objection?.reason === 'equivocation') {
      const { sender } = message;
      if (await this.#log.transact((state) => provenUpdates(state, sender, frame))) {
        this.#onRecorded();
      }
    }
    if (objection?.reason === 'wrong-dimension') {
      await this.#recordUpdate(message, frame, objection);
    }
    if (objection !== undefined) return objection;
    const { sender } = message;
    const digest = digestOf(message.bodyBytes);
    return this.#pulls.start(sender, digest, () => this.#pull(message, frame, round));
  }

  async #pull(message: Opened<ModelUpdate>, frame: Uint8Array, round: RoundState): Promise<void> {
    const { sender, body } = message;
    try {
      const bytes = await this.#links.pull(sender, body.payload, this.#signal);
      const payload = checkUpdatePayload(bytes, round.plan);
      const refused = payload.ok ? undefined : payload.refusal;
      if (refused !== undefined) this.#judged(sender, refused);
      await this.#recordUpdate(message, frame, refused);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#world.logger.warn('update not pulled', { member: sender, round: body.round, detail });
    }
  }

  async #recordUpdate(
    { sender, body }: Opened<ModelUpdate>,
    frame: Uint8Array,
    refused: Refusal | undefined,
  ): Promise<void> {
    const wrote = await this.#log.transact((state) => {
      const round = state.round;
      if (round?.plan.round !== body.round || round.phase !== 'training') return [];
      if (isAnswered(round, sender)) return [];
      if (refused === undefined) {
        return [{ type: 'update-received', payload: { member: sender, update: frame } }];
      }
      const { reason, detail } = refused;
      const payload = { detail, member: sender, reason, round: body.round };
      return [{ type: 'update-refused', payload }];
    });
    if (wrote) this.#onRecorded();
  }

  async #vote(message: Opened<ModelVote>, frame: Uint8Array): Promise<Verdict> {
    let verdict: Verdict = ACCEPT;
    const wrote = await this.#log.transact((state) => {
      const { round } = state;
      verdict = judgeVote(message, round);
      if (verdict.kind !== 'accept') {
        const isProof = verdict.reason === 'equivocation';
        return isProof ? provenVotes(state, message.sender, frame) : [];
      }
      return [{ type: 'vote-received', payload: { member: message.sender, vote: frame } }];
    });
    if (wrote) this.#onRecorded();
    return verdict;
  }
}
