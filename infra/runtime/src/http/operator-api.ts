// The API that operators' programs on other machines ask.

import type { Logger } from '@starling/shared';
import { type ErrorHandler, Hono } from 'hono';
import { answerError } from '../local-api/answer.ts';
import { ApiRefusal } from './api-refusal.ts';
import type { Leading } from './leading.ts';
import { type ApiRoute, mountRoutes } from './route.ts';
import { FEDERATION_ROUTES } from './routes/federation-routes.ts';
import { LEDGER_ROUTES } from './routes/ledger-routes.ts';
import { ROUND_ROUTES } from './routes/round-routes.ts';
import { VERSION_ROUTES } from './routes/version-routes.ts';

export const API_BASE = '/api/v1';

/** Every route below {@link API_BASE}. */
export const API_ROUTES: readonly ApiRoute<Leading>[] = [
  ...FEDERATION_ROUTES,
  ...ROUND_ROUTES,
  ...VERSION_ROUTES,
  ...LEDGER_ROUTES,
];

export interface OperatorApiParts {
  readonly logger: Logger;
  /** @throws {ApiRefusal} while another coordinator leads */
  readonly leading: () => Leading;
}

export function operatorApi({ leading, logger }: OperatorApiParts): Hono {
  const app = new Hono();
  app.onError(answerRefusal(logger));
  app.notFound(({ json, req }) => {
    const error = `${req.method} ${req.path} is no question of this API: see /openapi.json`;
    return json({ code: 'not-found', error }, 404);
  });
  const api = new Hono();
  mountRoutes(api, API_ROUTES, leading);
  app.route(API_BASE, api);
  return app;
}

function answerRefusal(logger: Logger): ErrorHandler {
  const rest = answerError(logger);
  return (error, context) => {
    if (!(error instanceof ApiRefusal)) return rest(error, context);
    return context.json({ code: error.code, error: error.message }, error.status);
  };
}
