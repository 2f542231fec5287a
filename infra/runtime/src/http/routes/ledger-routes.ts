// The token accounts: balances, entries, and the whole log replayed.

import { viewLedger } from '../../ledger-view.ts';
import type { OperatorDesk } from '../operator-desk.ts';
import { type ApiRoute, route } from '../route.ts';
import {
  balancesSchema,
  historySchema,
  ledgerVerificationSchema,
} from '../schemas/ledger-schema.ts';
import { viewBalances, viewEntry } from '../views/ledger-lines.ts';
import { newestOf, pageSchema } from './page.ts';

export const LEDGER_ROUTES: readonly ApiRoute<OperatorDesk>[] = [
  route({
    method: 'get',
    path: '/ledger/balances',
    role: 'read',
    summary: 'Every account in whole units; all of them add up to zero.',
    answer: balancesSchema,
    handle: (_, { coordinator: { state } }: OperatorDesk) => ({ balances: viewBalances(state) }),
  }),
  route({
    method: 'get',
    path: '/ledger/history',
    role: 'read',
    summary: 'Entries, newest first; "before" is the number of an event.',
    query: pageSchema,
    answer: historySchema,
    handle: ({ query }, { coordinator: { state } }: OperatorDesk) => {
      return { entries: newestOf(state.ledger.entries, ({ seq }) => seq, query).map(viewEntry) };
    },
  }),
  route({
    method: 'get',
    path: '/ledger/verification',
    role: 'read',
    summary: 'The log replayed from genesis, every signature and balance checked.',
    answer: ledgerVerificationSchema,
    handle: async (_, { eventLog }: OperatorDesk) => {
      const { events, problems, signaturesVerified } = await viewLedger(eventLog);
      return { events, problems, signaturesVerified };
    },
  }),
];
