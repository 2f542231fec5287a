// The API that operators' programs on other machines ask.

import type { PrometheusMeter } from '@starling/adapters';
import type { Clock, Logger } from '@starling/shared';
import { type Context, type ErrorHandler, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import type { LogStatus } from '../coordinator-log.ts';
import { answerError } from '../local-api/answer.ts';
import { Access } from './access/authorise.ts';
import { KnownTokens } from './access/known-tokens.ts';
import { API_BASE } from './api-base.ts';
import { ApiRefusal } from './api-refusal.ts';
import { EventHub } from './event-hub.ts';
import { EventStreams } from './event-streams.ts';
import { FederationMetrics } from './federation-metrics.ts';
import { LOG_LOOK_MS, readinessOf, remembered } from './health.ts';
import { openApiDocument } from './openapi.ts';
import type { OperatorDesk } from './operator-desk.ts';
import { type ApiRoute, mountRoutes } from './route.ts';
import { CHAIN_ROUTES } from './routes/chain-routes.ts';
import { FEDERATION_ROUTES } from './routes/federation-routes.ts';
import { LEDGER_ROUTES } from './routes/ledger-routes.ts';
import { OPERATION_ROUTES } from './routes/operation-routes.ts';
import { ROUND_ROUTES } from './routes/round-routes.ts';
import { VERSION_ROUTES } from './routes/version-routes.ts';
import type { CurrentStanding } from './standing.ts';

/** Bytes of one request's body: an operator plans rounds, it sends no documents. */
export const OPERATOR_BODY_BYTES_MAX = 64 * 1024;
const VERSION = '0.1.0';

/** Every route below {@link API_BASE}. */
export const API_ROUTES: readonly ApiRoute<OperatorDesk>[] = [
  ...FEDERATION_ROUTES,
  ...ROUND_ROUTES,
  ...VERSION_ROUTES,
  ...CHAIN_ROUTES,
  ...LEDGER_ROUTES,
  ...OPERATION_ROUTES,
];

export interface OperatorApiParts {
  /** Folder with the tokens. */
  readonly home: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: PrometheusMeter;
  readonly lookAtLog: () => Promise<LogStatus>;
  readonly standing: CurrentStanding;
  /** Address of whoever asks. */
  readonly addressOf: (context: Context) => string;
  readonly isTls: boolean;
  /** What people see in a browser, at `/`. */
  readonly page?: Hono;
}

export function operatorApi(parts: OperatorApiParts): Hono {
  const { clock, home, isTls, logger, meter, standing } = parts;
  const access = new Access({ ...parts, tokens: new KnownTokens(home) });
  const lookAtLog = remembered(parts.lookAtLog, clock, LOG_LOOK_MS);
  const metrics = new FederationMetrics(meter);
  const app = new Hono();
  app.onError(answerRefusal(logger));
  app.notFound((context) => {
    const { method, path } = context.req;
    const error = `${method} ${path} is no question of this API: see /openapi.json`;
    return context.json({ code: 'not-found', error }, 404);
  });
  app.use(securityHeaders(isTls), countRequests(meter), access.limitAddresses());
  app.use(bodyLimit({ maxSize: OPERATOR_BODY_BYTES_MAX, onError: refuseBody }));
  app.get('/healthz', (context) => context.json({ ok: true, standing: standing.now.kind }));
  app.get('/readyz', async (context) => {
    const readiness = await readinessOf(standing.now, lookAtLog);
    return context.json(readiness, readiness.ready ? 200 : 503);
  });
  app.get('/openapi.json', (context) => context.json(openApiDocument(API_ROUTES, VERSION)));
  app.get('/metrics', async (context) => {
    await access.require(context, 'read');
    const text = await metrics.expose(standing.now);
    return context.text(text, 200, { 'content-type': meter.contentType });
  });
  const hub = new EventHub(standing, clock, lookAtLog);
  const streams = new EventStreams({ ...parts, access, hub });
  const api = new Hono();
  api.get('/events', (context) => streams.answer(context));
  mountRoutes(api, API_ROUTES, {
    desk: () => ({ ...standing.leading(), lookAtLog }),
    logger,
    require: (context, role) => access.require(context, role),
  });
  app.route(API_BASE, api);
  if (parts.page !== undefined) app.route('/', parts.page);
  return app;
}

function answerRefusal(logger: Logger): ErrorHandler {
  const rest = answerError(logger);
  return (error, context) => {
    if (!(error instanceof ApiRefusal)) return rest(error, context);
    return context.json({ code: error.code, error: error.message }, error.status, error.headers);
  };
}

function refuseBody(): never {
  const message = `a body of more than ${OPERATOR_BODY_BYTES_MAX} bytes: no question needs as much`;
  throw new ApiRefusal(413, 'invalid-request', message);
}

/** Scripts, styles and requests of this origin alone; nothing is embedded or framed. */
function securityHeaders(isTls: boolean): MiddlewareHandler {
  const self = ["'self'"];
  const none = ["'none'"];
  return secureHeaders({
    contentSecurityPolicy: {
      baseUri: none,
      connectSrc: self,
      defaultSrc: none,
      formAction: none,
      frameAncestors: none,
      imgSrc: ["'self'", 'data:'],
      scriptSrc: self,
      styleSrc: self,
      workerSrc: self,
    },
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: isTls ? 'max-age=31536000' : false,
    xFrameOptions: 'DENY',
  });
}

/** By route, not by path, whose numbers would be labels without end. */
function countRequests(meter: PrometheusMeter): MiddlewareHandler {
  return async (context, next) => {
    await next();
    const { status } = context.res;
    const labels = { method: context.req.method, status: String(status) };
    meter.count('starling_http_requests_total', 1, labels);
  };
}
