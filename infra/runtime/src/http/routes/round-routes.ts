// Rounds, newest first, and one of them verified from the log.

import { ROUND_HISTORY_MAX } from '@starling/rules';
import { type PayloadRef, z } from '@starling/shared';
import { verifyFromLog } from '../../verify-from-log.ts';
import { ApiRefusal } from '../api-refusal.ts';
import type { OperatorDesk } from '../operator-desk.ts';
import { type ApiRoute, route } from '../route.ts';
import { roundSchema, roundsSchema, roundVerificationSchema } from '../schemas/round-schema.ts';
import { roundsKept, viewRound } from '../views/round-view.ts';
import { newestOf, pageSchema } from './page.ts';

const numbered = z.strictObject({ round: z.coerce.number().int().min(1) });

export const ROUND_ROUTES: readonly ApiRoute<OperatorDesk>[] = [
  route({
    method: 'get',
    path: '/rounds',
    role: 'read',
    summary: 'Rounds, newest first.',
    query: pageSchema,
    answer: roundsSchema,
    handle: ({ query }, { coordinator: { state } }: OperatorDesk) => {
      const rounds = newestOf(roundsKept(state), ({ plan }) => plan.round, query);
      return { rounds: rounds.map((round) => viewRound(round)) };
    },
  }),
  route({
    method: 'get',
    path: '/rounds/{round}',
    role: 'read',
    summary: 'One round.',
    params: numbered,
    answer: roundSchema,
    handle: ({ params }, { coordinator: { state } }: OperatorDesk) => {
      const round = roundsKept(state).find(({ plan }) => plan.round === params.round);
      if (round !== undefined) return viewRound(round);
      const newest = state.round?.plan.round ?? 0;
      const message =
        params.round > newest
          ? `round ${params.round} was not opened yet: the newest is ${newest}`
          : `round ${params.round} is not among the newest ${ROUND_HISTORY_MAX} any more`;
      throw new ApiRefusal(404, 'not-found', message);
    },
  }),
  route({
    method: 'get',
    path: '/rounds/{round}/verification',
    role: 'read',
    summary: 'Proof and payloads of a round, checked again from the log.',
    params: numbered,
    answer: roundVerificationSchema,
    handle: ({ params, signal }, { eventLog, payloads }: OperatorDesk) => {
      const fetch = (ref: PayloadRef) => payloads.fetch(ref, { providers: [], signal });
      return verifyFromLog(eventLog, params.round, fetch);
    },
  }),
];
