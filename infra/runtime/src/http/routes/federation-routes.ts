// The federation as a whole: status, members, mesh.

import type { OperatorDesk } from '../operator-desk.ts';
import { type ApiRoute, route } from '../route.ts';
import { membersSchema, meshSchema } from '../schemas/member-schema.ts';
import { statusSchema } from '../schemas/status-schema.ts';
import { viewMesh } from '../views/mesh-view.ts';

export const FEDERATION_ROUTES: readonly ApiRoute<OperatorDesk>[] = [
  route({
    method: 'get',
    path: '/status',
    role: 'read',
    summary: 'The status of the federation, with members and the newest rounds.',
    answer: statusSchema,
    handle: async (_, { coordinator, lookAtLog }: OperatorDesk) => {
      return { ...(await coordinator.status()), log: await lookAtLog() };
    },
  }),
  route({
    method: 'get',
    path: '/members',
    role: 'read',
    summary: 'Members by site, each with its state.',
    answer: membersSchema,
    handle: (_, { coordinator }: OperatorDesk) => ({ members: coordinator.desk.members }),
  }),
  route({
    method: 'get',
    path: '/mesh',
    role: 'read',
    summary: 'Who is connected with whom, as far as it is known.',
    answer: meshSchema,
    handle: (_, { coordinator: { desk, state } }: OperatorDesk) => {
      return viewMesh(state.genesis, desk.members);
    },
  }),
];
