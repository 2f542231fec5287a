// What a running coordinator and a running site answer about the ledger.

import { Readable } from 'node:stream';
import type { Coordinator, RulesOutcome } from '@starling/coordinator';
import { type OrderView, type Peer, PeerError } from '@starling/peer';
import { BusError, type EventLog, ledgerTermsSchema, MEMO_MAX, z } from '@starling/shared';
import { Hono } from 'hono';
import { viewLedger } from '../ledger-view.ts';
import { RuntimeError } from '../runtime-error.ts';
import { encodeEvidence } from './evidence-file.ts';

/** Longest that a question about an order waits for its outcome. */
export const ORDER_WAIT_MAX_MS = 120_000;
const ACCOUNT_WAIT_MS = 10_000;

const amountSchema = z.int().min(1);
const timesSchema = {
  lifeMs: z
    .int()
    .min(1_000)
    .max(24 * 3_600_000),
  waitMs: z.int().min(0).max(ORDER_WAIT_MAX_MS),
};
const orderSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...timesSchema,
    amount: amountSchema,
    feeMax: z.int().min(0).optional(),
    kind: z.literal('transfer'),
    memo: z.string().max(MEMO_MAX),
    /** A site's name, or the first digits of a member id. */
    to: z.string().min(1).max(64),
  }),
  z.strictObject({ ...timesSchema, amount: amountSchema, kind: z.enum(['stake', 'unstake']) }),
]);
export type OrderRequest = z.infer<typeof orderSchema>;

/** What a site knows of its own account. */
export interface OwnAccountView {
  readonly member: string;
  readonly site: string;
  /** As the coordinator says; null when it cannot be asked. */
  readonly account: Awaited<ReturnType<Peer['ledger']['account']>> | null;
  /** The newest order and its outcome. */
  readonly order: OrderView | null;
}

/** A rule set's outcome with its request as text. */
export type RulesAnswer =
  | Extract<RulesOutcome, { kind: 'in-force' }>
  | (Omit<Extract<RulesOutcome, { kind: 'pending' }>, 'request'> & { readonly request: string });

export function siteLedgerApi(peer: Peer): Hono {
  const app = new Hono();
  app.get('/ledger/account', async (context) => context.json(await ownAccount(peer)));
  app.post('/ledger/orders', async (context) => {
    const order = orderSchema.parse(await context.req.json());
    return context.json(await submit(peer, order));
  });
  return app;
}

/** What anyone who holds the log can answer. */
export function ledgerOfLog(eventLog: EventLog): Hono {
  const app = new Hono();
  app.get('/ledger', async (context) => context.json(await viewLedger(eventLog)));
  app.get('/ledger/evidence', (context) => {
    context.header('content-type', 'application/octet-stream');
    const bytes = Readable.from(encodeEvidence(eventLog.read(1)), { objectMode: false });
    return context.body(Readable.toWeb(bytes) as ReadableStream);
  });
  return app;
}

export function coordinatorLedgerApi(coordinator: Coordinator, eventLog: EventLog): Hono {
  const app = new Hono();
  app.route('/', ledgerOfLog(eventLog));
  app.post('/ledger/rules', async (context) => {
    const { terms } = z.strictObject({ terms: ledgerTermsSchema }).parse(await context.req.json());
    return context.json(asText(await coordinator.ledger.proposeRules(terms)));
  });
  app.post('/ledger/rules/signatures', async (context) => {
    const { request } = z.strictObject({ request: z.base64url() }).parse(await context.req.json());
    const bytes = new Uint8Array(Buffer.from(request, 'base64url'));
    return context.json(asText(await coordinator.ledger.enactRules(bytes)));
  });
  return app;
}

async function submit(peer: Peer, order: OrderRequest): Promise<OrderView> {
  const signal = AbortSignal.timeout(order.waitMs);
  const wish = order.kind === 'transfer' ? { ...order, to: memberNamed(peer, order.to) } : order;
  try {
    return await peer.ledger.submit(wish, order.lifeMs, signal);
  } catch (cause) {
    // Only what is asked before anything is signed ends so.
    const isAway = cause instanceof BusError || signal.aborted;
    if (!isAway || cause instanceof PeerError) throw cause;
    const message = `the coordinator cannot be reached (${reasonOf(cause)}), nothing was signed: try again once "starling peer status" says connected`;
    throw new RuntimeError('request-refused', message, { cause });
  }
}

async function ownAccount(peer: Peer): Promise<OwnAccountView> {
  const { member, site } = peer.status();
  const signal = AbortSignal.timeout(ACCOUNT_WAIT_MS);
  const account = await peer.ledger.account(signal).catch((error: unknown) => {
    if (error instanceof BusError || signal.aborted) return null;
    throw error;
  });
  return { member, site, account, order: peer.ledger.order ?? null };
}

/** @throws {RuntimeError} `request-refused` */
function memberNamed(peer: Peer, name: string) {
  const members = peer.roster().roster?.members ?? [];
  const isId = /^[0-9a-f]{8,64}$/.test(name);
  const found = members.filter(({ member, role, site }) => {
    return role === 'peer' && (site === name || (isId && member.startsWith(name)));
  });
  const [one] = found;
  if (one !== undefined && found.length === 1) return one.member;
  const what = one === undefined ? 'no site' : `${found.length} sites`;
  const message = `${what} of the name or id "${name}": see "starling roster list"`;
  throw new RuntimeError('request-refused', message);
}

function asText(outcome: RulesOutcome): RulesAnswer {
  if (outcome.kind === 'in-force') return outcome;
  return { ...outcome, request: Buffer.from(outcome.request).toString('base64url') };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
