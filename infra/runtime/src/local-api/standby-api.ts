// What a coordinator that stands by answers to its own machine: the books, and that another leads.

import type { EventLog, Logger } from '@starling/shared';
import { Hono } from 'hono';
import { ledgerOfLog } from '../ledger/ledger-api.ts';
import { answerError } from './answer.ts';
import { requireToken } from './serve-locally.ts';

export interface StandbyApiParts {
  /** Who leads, and how far the log is followed, in words. */
  readonly describe: () => string;
  readonly eventLog: EventLog;
  readonly logger: Logger;
  readonly token: string;
}

export function standbyApi({ describe, eventLog, logger, token }: StandbyApiParts): Hono {
  const app = new Hono();
  app.onError(answerError(logger));
  app.use(requireToken(token));
  app.route('/', ledgerOfLog(eventLog));
  app.notFound((context) => context.json({ code: 'not-leading', error: describe() }, 409));
  return app;
}
