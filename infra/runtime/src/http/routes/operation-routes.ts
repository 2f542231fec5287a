// What operators and administrators may do from other machines; each is written to the log with the
// name of the token.

import { z } from '@starling/shared';
import type { OperatorDesk } from '../operator-desk.ts';
import { type ApiRoute, route } from '../route.ts';
import { count } from '../schemas/list-schema.ts';

const ROUNDS_MAX = 1_000_000;
const PEERS_MAX = 1_000;

const outcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('in-force'), seq: count }),
  z.strictObject({
    kind: z.literal('pending'),
    seq: count,
    signed: count,
    threshold: count,
    why: z.string(),
  }),
]);

export const OPERATION_ROUTES: readonly ApiRoute<OperatorDesk>[] = [
  route({
    method: 'post',
    path: '/rounds',
    role: 'operate',
    summary: 'Plans how many rounds are run in all; the first waits for so many ready sites.',
    body: z.strictObject({
      peersMin: z.int().min(1).max(PEERS_MAX),
      rounds: z.int().min(0).max(ROUNDS_MAX),
    }),
    answer: z.strictObject({ planned: count }),
    handle: async ({ body: { peersMin, rounds } }, { coordinator }: OperatorDesk) => {
      await coordinator.planRounds(rounds, peersMin);
      return { planned: rounds };
    },
  }),
  route({
    method: 'post',
    path: '/invitations',
    role: 'admin',
    summary: 'One signed invitation, a secret that works once.',
    body: z.strictObject({ site: z.string().min(1).max(64) }),
    answer: z.strictObject({ invitation: z.base64url() }),
    handle: ({ body: { site } }, { coordinator }: OperatorDesk) => {
      return { invitation: Buffer.from(coordinator.invite(site)).toString('base64url') };
    },
  }),
  route({
    method: 'post',
    path: '/roster/revocations',
    role: 'admin',
    summary: 'Takes a site or member out.',
    body: z.strictObject({ reason: z.string().min(1).max(200), who: z.string().min(1).max(64) }),
    answer: outcomeSchema,
    handle: ({ body: { reason, who } }, { coordinator }: OperatorDesk) => {
      return coordinator.revoke(who, reason);
    },
  }),
];
