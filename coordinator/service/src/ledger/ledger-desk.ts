// The ledger at the coordinator: orders of owners, judged and recorded in one transaction, and rule
// sets. An order that was recorded is answered with its event however often it comes.

import { openMessage } from '@starling/crypto';
import {
  activePeers,
  draftRules,
  escrowAccount,
  eventOfOrder,
  type FederationEvent,
  type FederationState,
  type LedgerOrder,
  memberAccount,
  ORDER_MESSAGES,
  objectionToOrder,
  openRuleSet,
  openRulesRequest,
  orderOf,
  type RulesRequest,
  ruleSetObjection,
  ruleSetOf,
  signRulesRequest,
  stakeAccount,
  unbondingAccount,
} from '@starling/rules';
import type {
  LedgerAnswer,
  LedgerRefusal,
  LedgerTerms,
  MemberId,
  Opened,
  Refusal,
  TransportId,
} from '@starling/shared';
import {
  decodeCanonical,
  encodeCanonical,
  frameSchema,
  LEDGER_REQUEST_BYTES_MAX,
  ledgerRequestSchema,
} from '@starling/shared';
import { CoordinatorError } from '../coordinator-error.ts';
import type { CoordinatorDependencies } from '../dependencies.ts';
import type { FederationLog } from '../federation-log.ts';

/** What came of a rule set: in force, or a request for more signatures. */
export type RulesOutcome =
  | { readonly kind: 'in-force'; readonly seq: number }
  | {
      readonly kind: 'pending';
      readonly seq: number;
      readonly signed: number;
      readonly threshold: number;
      readonly request: Uint8Array;
    };

export class LedgerDesk {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #onRecorded: () => void;

  constructor(world: CoordinatorDependencies, log: FederationLog, onRecorded: () => void) {
    this.#world = world;
    this.#log = log;
    this.#onRecorded = onRecorded;
  }

  /** Handler of the request protocol `ledger`. */
  async answer(bytes: Uint8Array, from: TransportId): Promise<Uint8Array> {
    const answer = await this.#answer(bytes, from);
    const outcome = answer.outcome === 'refused' ? answer.reason : answer.outcome;
    this.#world.meter.count('starling_coordinator_ledger_requests_total', 1, { outcome });
    return encodeCanonical(answer);
  }

  /** Terms as the next rule set, signed by the coordinator; in force where that is enough. */
  async proposeRules(terms: LedgerTerms): Promise<RulesOutcome> {
    const drafted = openRulesRequest(draftRules(this.#log.state, terms));
    if (!drafted.ok) throw new TypeError(`no next rule set: ${drafted.refusal.detail}`);
    return this.enactRules(signRulesRequest(drafted.value, this.#world.identity));
  }

  /**
   * Puts the rule set of a request in force, when enough administrators have signed it.
   * @throws {CoordinatorError} `bad-rules` when it does not hold or does not follow
   */
  async enactRules(bytes: Uint8Array): Promise<RulesOutcome> {
    const request = openRulesRequest(bytes);
    if (!request.ok) throw badRules(request.refusal);
    const { next, signatures } = request.value;
    const { federation, genesis } = this.#log.state;
    if (request.value.trust.federation !== federation) {
      throw new CoordinatorError('bad-rules', 'this rule set is of another federation');
    }
    const signed = signatures.size;
    const { threshold } = genesis;
    if (signed < threshold) {
      return { kind: 'pending', seq: next.seq, signed, threshold, request: bytes };
    }
    const wrote = await this.#log.transact((state) => enact(state, request.value));
    if (wrote) this.#onRecorded();
    return { kind: 'in-force', seq: next.seq };
  }

  async #answer(bytes: Uint8Array, from: TransportId): Promise<LedgerAnswer> {
    const decoded = decodeCanonical(bytes, LEDGER_REQUEST_BYTES_MAX);
    const request = decoded.ok ? ledgerRequestSchema.safeParse(decoded.value).data : undefined;
    if (request === undefined) return refuse('malformed', 'is no request of the ledger');
    const { roster } = this.#log.state;
    const asker = activePeers(roster).find(({ transportId }) => transportId === from);
    if (asker === undefined) return refuse('foreign-key', 'the sender is no active member');
    if (request.kind === 'account') return accountOf(this.#log.state, asker.member);
    const { federation } = this.#log.state;
    const opened = openMessage(request.frame, ORDER_MESSAGES, {
      federation,
      nowMs: this.#world.clock.nowMs(),
      keyOf: (sender) => (sender === asker.member ? asker.publicKey : undefined),
    });
    if (!opened.ok) return refuseFrame(request.frame, opened.refusal, asker.site);
    const message: Opened<unknown> = opened.value;
    return this.#take(orderOf(message), request.frame);
  }

  async #take(order: LedgerOrder, frame: Uint8Array): Promise<LedgerAnswer> {
    let answer: LedgerAnswer | undefined;
    const wrote = await this.#log.transact((state) => {
      const judgedAtMs = this.#world.clock.nowMs();
      const event = eventOfOrder(state, order);
      const objection = event === undefined && objectionToOrder(state, order, judgedAtMs);
      if (event !== undefined) answer = { outcome: 'recorded', event };
      else if (objection) answer = refuse(objection.reason, objection.detail);
      return answer === undefined ? [eventFor(order, frame, judgedAtMs)] : [];
    });
    const event = eventOfOrder(this.#log.state, order);
    if (wrote) this.#onRecorded();
    if (answer !== undefined) return answer;
    if (event === undefined) throw new TypeError('an order was written and is not on record');
    const { kind, owner } = order;
    this.#world.logger.info('an order was carried out', { member: owner, kind, event });
    return { outcome: 'recorded', event };
  }
}

function eventFor(order: LedgerOrder, frame: Uint8Array, judgedAtMs: number): FederationEvent {
  const { kind, owner: member } = order;
  return kind === 'transfer'
    ? { type: 'transfer-received', payload: { judgedAtMs, member, transfer: frame } }
    : { type: 'stake-received', payload: { judgedAtMs, member, stake: frame } };
}

function enact(state: FederationState, request: RulesRequest): FederationEvent[] {
  const { accounting } = state;
  if (accounting.rules?.digest === request.bodyDigest) return [];
  const rules = ruleSetOf(request);
  const opened = openRuleSet(rules, state);
  if (!opened.ok) throw badRules(opened.refusal);
  const objection = ruleSetObjection(accounting, opened.value.body);
  if (objection !== undefined) throw badRules(objection);
  return [{ type: 'ledger-rules-changed', payload: { rules } }];
}

function accountOf({ accounting, ledger }: FederationState, member: MemberId): LedgerAnswer {
  const { epoch, orders, rules, terms } = accounting;
  return {
    epoch,
    escrow: Number(ledger.balance(escrowAccount(member))),
    free: Number(ledger.balance(memberAccount(member))),
    outcome: 'account',
    rules: rules?.digest ?? null,
    sequence: orders.get(member)?.sequence ?? 0,
    stake: Number(ledger.balance(stakeAccount(member))),
    transferFee: terms.transferFee,
    unbonding: Number(ledger.balance(unbondingAccount(member))),
  };
}

/** In the words of owners: whose signature is missing, and whose is not wanted. */
function refuseFrame(frame: Uint8Array, { detail, reason }: Refusal, site: string): LedgerAnswer {
  if (reason === 'unknown-sender') {
    return refuse('foreign-key', `it is signed by somebody else than ${site}, who sends it`);
  }
  if (reason !== 'bad-signature') return refuse('malformed', `${reason}: ${detail}`);
  const decoded = decodeCanonical(frame, LEDGER_REQUEST_BYTES_MAX);
  const parts = frameSchema.safeParse(decoded.ok ? decoded.value : undefined).data;
  if (parts?.signature.byteLength === 0) return refuse('unsigned', 'it has no signature');
  return refuse('foreign-key', `its signature is not by the key of ${site}`);
}

function refuse(reason: LedgerRefusal, detail: string): LedgerAnswer {
  return { outcome: 'refused', reason, detail: detail.slice(0, 400) };
}

function badRules({ detail }: Refusal): CoordinatorError {
  return new CoordinatorError('bad-rules', `the rule set does not hold: ${detail}`);
}
