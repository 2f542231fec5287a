// What a running coordinator answers to its own machine.

import type { PrometheusMeter } from '@starling/adapters';
import type { Coordinator, CoordinatorStatus } from '@starling/coordinator';
import {
  digestSchema,
  type EventLog,
  type Logger,
  memberIdSchema,
  type PayloadExchange,
  type PayloadRef,
  z,
} from '@starling/shared';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { LogStatus } from '../coordinator-log.ts';
import { coordinatorLedgerApi } from '../ledger/ledger-api.ts';
import { verifyFromLog } from '../verify-from-log.ts';
import { API_BODY_BYTES_MAX, answerError, answerTooLarge } from './answer.ts';
import { addModelRoutes } from './model-api.ts';
import { requireToken } from './serve-locally.ts';

const inviteSchema = z.strictObject({ site: z.string() });
const revocationSchema = z.strictObject({
  reason: z.string().min(1).max(200),
  who: z.string().min(1).max(64),
});
const signatureSchema = z.strictObject({
  member: memberIdSchema,
  proposal: digestSchema,
  signature: z.base64url().max(8192),
});
const roundsSchema = z.strictObject({
  peersMin: z.int().min(1),
  rounds: z.int().min(0).max(1_000_000),
});

const roundNumberSchema = z.coerce.number().int().min(1);

export interface ServedStatus extends CoordinatorStatus {
  readonly log: LogStatus;
}

export interface CoordinatorApiParts {
  /** Copies its log and its marks; the folder with them. */
  readonly copyStores: () => Promise<string>;
  readonly coordinator: Coordinator;
  readonly eventLog: EventLog;
  readonly logger: Logger;
  readonly lookAtLog: () => Promise<LogStatus>;
  readonly meter: PrometheusMeter;
  readonly payloads: PayloadExchange;
  readonly token: string;
}

export function coordinatorApi(parts: CoordinatorApiParts): Hono {
  const { coordinator, eventLog, logger, lookAtLog, meter, payloads, token } = parts;
  const app = new Hono();
  app.onError(answerError(logger));
  app.notFound((context) => context.json({ code: 'not-found', error: 'no such question' }, 404));
  app.use(requireToken(token));
  app.use(bodyLimit({ maxSize: API_BODY_BYTES_MAX, onError: answerTooLarge }));
  app.get('/status', async (context) => {
    const status: ServedStatus = { ...(await coordinator.status()), log: await lookAtLog() };
    return context.json(status);
  });
  app.get('/metrics', async (context) => {
    context.header('content-type', meter.contentType);
    return context.body(await meter.expose());
  });
  app.post('/copies', async (context) => context.json({ folder: await parts.copyStores() }));
  app.get('/samples', (context) => context.json(meter.snapshot()));
  app.get('/rounds/:round/verification', async (context) => {
    const round = roundNumberSchema.parse(context.req.param('round'));
    const sources = { providers: [] };
    const fetch = (ref: PayloadRef) => payloads.fetch(ref, sources);
    return context.json(await verifyFromLog(eventLog, round, fetch));
  });
  app.route('/', coordinatorLedgerApi(coordinator, eventLog));
  app.post('/invitations', async (context) => {
    const { site } = inviteSchema.parse(await context.req.json());
    const bytes = coordinator.invite(site);
    return context.json({ invitation: Buffer.from(bytes).toString('base64url') });
  });
  app.get('/roster', (context) => context.json(coordinator.roster()));
  app.get('/roster/request', (context) => {
    const request = coordinator.rosterRequest();
    return context.json({ request: request && Buffer.from(request).toString('base64url') });
  });
  app.post('/roster/revocations', async (context) => {
    const { reason, who } = revocationSchema.parse(await context.req.json());
    return context.json(await coordinator.revoke(who, reason));
  });
  app.post('/roster/signatures', async (context) => {
    const { member, proposal, signature } = signatureSchema.parse(await context.req.json());
    const bytes = new Uint8Array(Buffer.from(signature, 'base64url'));
    return context.json(await coordinator.signRoster(proposal, member, bytes));
  });
  addModelRoutes(app, coordinator, payloads);
  app.post('/rounds', async (context) => {
    const { peersMin, rounds } = roundsSchema.parse(await context.req.json());
    await coordinator.planRounds(rounds, peersMin);
    return context.json({ planned: rounds });
  });
  return app;
}
