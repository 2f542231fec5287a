// The site's account: orders are signed here, written down, and sent until their outcome is known.
// One waits at a time, so that no order is given twice for want of an answer.

import { openMessage, sealMessage } from '@starling/crypto';
import { ORDER_MESSAGES } from '@starling/rules';
import {
  BusError,
  bytesSchema,
  decodeCanonical,
  encodeCanonical,
  LEDGER_ANSWER_BYTES_MAX,
  LEDGER_PROTOCOL,
  LEDGER_REQUEST_BYTES_MAX,
  type LedgerAccount,
  type LedgerAnswer,
  type LedgerStake,
  type LedgerTransfer,
  ledgerAnswerSchema,
  ledgerStake,
  ledgerTransfer,
  type Opened,
  z,
} from '@starling/shared';
import type { PeerDependencies } from '../dependencies.ts';
import type { SiteMembership } from '../membership.ts';
import { PeerError } from '../peer-error.ts';

const ORDER_KEY = 'ledger-order';

/** What the owner wants; the number and the time it is good for are added when it is signed. */
export type OrderWish =
  | ({ readonly kind: 'transfer' } & Pick<LedgerTransfer, 'amount' | 'memo' | 'to'> & {
        /** The most that it may cost; what the rules ask for now when absent. */
        readonly feeMax?: number | undefined;
      })
  | { readonly kind: 'stake' | 'unstake'; readonly amount: number };

export interface OrderView {
  readonly kind: OrderWish['kind'];
  readonly sequence: number;
  readonly amount: number;
  /** Member that a transfer goes to. */
  readonly to: string | null;
  readonly expiresAtMs: number;
  /** `waiting`: sent again and again until the coordinator answers. */
  readonly state: 'waiting' | 'recorded' | 'refused';
  /** Event that carried it out. */
  readonly event: number | null;
  /** Why it was refused. */
  readonly reason: string | null;
  readonly detail: string;
}

const recordSchema = z.strictObject({
  frame: bytesSchema,
  outcome: z.discriminatedUnion('outcome', ledgerAnswerSchema.options).nullable(),
});

interface OwnOrder {
  readonly frame: Uint8Array;
  readonly message: Opened<unknown>;
  readonly outcome: LedgerAnswer | null;
}

export class SiteLedger {
  readonly #world: PeerDependencies;
  readonly #membership: SiteMembership;
  readonly #stopping = new AbortController();
  #own: OwnOrder | undefined;
  #waiters: (() => void)[] = [];
  #sending: Promise<void> | undefined;
  /** Orders are signed one after the other. */
  #signing: Promise<unknown> = Promise.resolve();

  private constructor(world: PeerDependencies, membership: SiteMembership) {
    this.#world = world;
    this.#membership = membership;
  }

  static async open(world: PeerDependencies, membership: SiteMembership): Promise<SiteLedger> {
    const ledger = new SiteLedger(world, membership);
    const bytes = await world.store.get('state', ORDER_KEY);
    const decoded = bytes && decodeCanonical(bytes, LEDGER_REQUEST_BYTES_MAX);
    const record = recordSchema.safeParse(decoded?.ok ? decoded.value : undefined).data;
    const message = record && ledger.#opened(record.frame);
    // What another key of this site signed is not taken any more.
    if (record !== undefined && message !== undefined) ledger.#own = { ...record, message };
    return ledger;
  }

  /** The newest order of this site's key and what became of it. */
  get order(): OrderView | undefined {
    return this.#own && viewOf(this.#own);
  }

  /** What the coordinator says of this site's account. @throws {BusError} */
  async account(signal: AbortSignal): Promise<LedgerAccount> {
    const answer = await this.#ask(encodeCanonical({ kind: 'account' }), signal);
    if (answer?.outcome === 'account') return answer;
    const detail = answer?.outcome === 'refused' ? answer.detail : 'no answer that counts';
    throw new BusError('request-failed', `the coordinator does not show the account: ${detail}`);
  }

  /**
   * Signs an order and sends it until its outcome is known.
   * @param lifeMs - how long it is good for
   * @param signal - ends the waiting, not the order: what comes back is `waiting` then
   * @throws {PeerError} `order-pending` while another one waits; {BusError} when the coordinator
   *   cannot be asked for the number of the next order: nothing is signed then
   */
  submit(wish: OrderWish, lifeMs: number, signal: AbortSignal): Promise<OrderView> {
    const signed = this.#signing.then(() => this.#sign(wish, lifeMs, signal));
    this.#signing = signed.catch(() => undefined);
    return signed.then((sequence) => this.#outcomeOf(sequence, signal));
  }

  /** Sends what waits; a call while it runs joins it. Never throws. */
  run(): void {
    if (this.#own === undefined || this.#own.outcome !== null) return;
    this.#sending ??= this.#send(this.#own).finally(() => {
      this.#sending = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the site stops'));
    await this.#sending;
  }

  async #sign(wish: OrderWish, lifeMs: number, signal: AbortSignal): Promise<number> {
    const open = this.order;
    if (open?.state === 'waiting') {
      const what = `order ${open.sequence} (${open.kind} of ${open.amount})`;
      const how = 'see "starling ledger account"; it ends by itself when it expires';
      throw new PeerError('order-pending', `${what} still waits for the coordinator: ${how}`);
    }
    const account = await this.account(signal);
    const sequence = account.sequence + 1;
    const expiresAtMs = this.#world.clock.nowMs() + lifeMs;
    const fields = { amount: wish.amount, expiresAtMs, sequence };
    const { identity } = this.#world;
    const { federation } = this.#membership;
    const frame =
      wish.kind === 'transfer'
        ? sealMessage(identity, ledgerTransfer, {
            federation,
            body: {
              ...fields,
              feeMax: wish.feeMax ?? account.transferFee,
              memo: wish.memo,
              to: wish.to,
            },
          })
        : sealMessage(identity, ledgerStake, {
            federation,
            body: { ...fields, direction: wish.kind },
          });
    const message = this.#opened(frame);
    if (message === undefined) throw new TypeError('an order of our own does not open');
    await this.#keep({ frame, message, outcome: null });
    return sequence;
  }

  async #outcomeOf(sequence: number, signal: AbortSignal): Promise<OrderView> {
    const ended = AbortSignal.any([signal, this.#stopping.signal]);
    for (;;) {
      const view = this.order;
      if (view === undefined || view.sequence !== sequence) {
        throw new PeerError('stopped', `order ${sequence} was overtaken by another`);
      }
      if (view.state !== 'waiting' || ended.aborted) return view;
      this.run();
      await this.#news(ended);
    }
  }

  /** Resolves when the outcome is known or nobody waits any more. */
  #news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      this.#waiters.push(resolve);
    });
  }

  async #send(own: OwnOrder): Promise<void> {
    const { logger } = this.#world;
    try {
      const request = encodeCanonical({ frame: own.frame, kind: 'order' });
      const outcome = await this.#ask(request, this.#stopping.signal);
      if (outcome === undefined || outcome.outcome === 'account') return;
      await this.#keep({ ...own, outcome });
      const { detail, sequence, state } = viewOf({ ...own, outcome });
      logger.info('an order has its outcome', { sequence, state, detail });
      for (const resolve of this.#waiters.splice(0)) resolve();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const detail = error instanceof Error ? error.message : String(error);
      if (error instanceof BusError) logger.debug('order not sent, will be again', { detail });
      else logger.error('order not sent', { detail });
    }
  }

  async #ask(request: Uint8Array, signal: AbortSignal): Promise<LedgerAnswer | undefined> {
    const { bus, logger } = this.#world;
    const { coordinator } = this.#membership;
    if (coordinator === undefined) {
      throw new BusError('unreachable', 'the roster names no coordinator');
    }
    const bytes = await bus.request(coordinator.transportId, LEDGER_PROTOCOL, request, {
      answerBytesMax: LEDGER_ANSWER_BYTES_MAX,
      signal,
    });
    const decoded = decodeCanonical(bytes, LEDGER_ANSWER_BYTES_MAX);
    const answer = ledgerAnswerSchema.safeParse(decoded.ok ? decoded.value : undefined).data;
    if (answer === undefined) logger.warn('an answer of the ledger that does not decode', {});
    return answer;
  }

  async #keep(own: OwnOrder): Promise<void> {
    const { frame, outcome } = own;
    const value = encodeCanonical({ frame, outcome });
    await this.#world.store.write([{ table: 'state', key: ORDER_KEY, value }]);
    this.#own = own;
  }

  #opened(frame: Uint8Array): Opened<unknown> | undefined {
    const { identity } = this.#world;
    const opened = openMessage(frame, ORDER_MESSAGES, {
      federation: this.#membership.federation,
      nowMs: 0,
      keyOf: (sender) => (sender === identity.member ? identity.publicKey : undefined),
    });
    return opened.ok ? opened.value : undefined;
  }
}

function viewOf({ message, outcome }: OwnOrder): OrderView {
  const body = message.body as LedgerTransfer | LedgerStake;
  const { amount, expiresAtMs, sequence } = body;
  const kind: OrderWish['kind'] = 'to' in body ? 'transfer' : body.direction;
  const order = { kind, sequence, amount, to: 'to' in body ? body.to : null, expiresAtMs };
  if (outcome?.outcome === 'recorded') {
    const { event } = outcome;
    return { ...order, state: 'recorded', event, reason: null, detail: `event ${event}` };
  }
  if (outcome?.outcome === 'refused') {
    const { detail, reason } = outcome;
    return { ...order, state: 'refused', event: null, reason, detail };
  }
  const detail = 'the coordinator has not answered yet: the site asks it again and again';
  return { ...order, state: 'waiting', event: null, reason: null, detail };
}
