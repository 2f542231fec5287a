// Patterns and everything else that the members decide, and what privacy has cost each site.

import type { OperatorDesk } from '../operator-desk.ts';
import { type ApiRoute, route } from '../route.ts';
import { chainSchema, patternsSchema, privacySchema } from '../schemas/chain-schema.ts';

export const CHAIN_ROUTES: readonly ApiRoute<OperatorDesk>[] = [
  route({
    method: 'get',
    path: '/chain',
    role: 'read',
    summary: "How far the members' chain is, who decides it, and the settings it agreed on.",
    answer: chainSchema,
    handle: (_, { coordinator }: OperatorDesk) => {
      const view = coordinator.observedChain();
      if (view === null) return { chain: null };
      const { patterns: _patterns, ...chain } = view;
      return { chain };
    },
  }),
  route({
    method: 'get',
    path: '/patterns',
    role: 'read',
    summary:
      'Patterns with the attestation of each member: decided ones by height, then what waits.',
    answer: patternsSchema,
    handle: (_, { coordinator }: OperatorDesk) => {
      return { patterns: coordinator.observedChain()?.patterns ?? [] };
    },
  }),
  route({
    method: 'get',
    path: '/privacy',
    role: 'read',
    summary: 'What privacy has cost each site, as the site reports it.',
    answer: privacySchema,
    handle: async (_, { coordinator }: OperatorDesk) => {
      const { members } = await coordinator.status();
      return {
        sites: members.map(({ member, report, site }) => {
          return { member, site, privacy: report?.privacy ?? null };
        }),
      };
    },
  }),
];
