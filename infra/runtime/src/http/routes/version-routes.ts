// Model versions, and what sites measured of them.

import type { OperatorDesk } from '../operator-desk.ts';
import { type ApiRoute, route } from '../route.ts';
import { evaluationsSchema, versionsSchema } from '../schemas/version-schema.ts';
import { viewEvaluations, viewVersions } from '../views/version-view.ts';

export const VERSION_ROUTES: readonly ApiRoute<OperatorDesk>[] = [
  route({
    method: 'get',
    path: '/versions',
    role: 'read',
    summary: 'Model versions, newest first.',
    answer: versionsSchema,
    handle: (_, { coordinator: { state } }: OperatorDesk) => {
      return { pinned: null, versions: viewVersions(state) };
    },
  }),
  route({
    method: 'get',
    path: '/evaluations',
    role: 'read',
    summary: 'What each site measured on its own held-out queries, by version.',
    answer: evaluationsSchema,
    handle: (_, { coordinator: { state } }: OperatorDesk) => viewEvaluations(state),
  }),
];
