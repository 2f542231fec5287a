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
    handle: async ({ query }, { coordinator: { state }, eventLog }: OperatorDesk) => {
      const { count, entries } = state.ledger;
      const kept = newestOf(entries, ({ seq }) => seq, query);
      const isWhole = kept.length === query.limit || entries.length === count;
      if (isWhole) return { entries: kept.map(viewEntry) };
      // Older ones, and all from before a start from a snapshot, are in the log only.
      const { history } = await viewLedger(eventLog);
      return { entries: newestOf(history, ({ seq }) => seq, query) };
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
