// Model versions, and what sites measured of them.

import type { Leading } from '../leading.ts';
import { type ApiRoute, route } from '../route.ts';
import { evaluationsSchema, versionsSchema } from '../schemas/version-schema.ts';
import { viewEvaluations, viewVersions } from '../views/version-view.ts';

export const VERSION_ROUTES: readonly ApiRoute<Leading>[] = [
  route({
    method: 'get',
    path: '/versions',
    role: 'read',
    summary: 'Model versions, newest first.',
    answer: versionsSchema,
    handle: (_, { coordinator: { state } }: Leading) => {
      return { pinned: null, versions: viewVersions(state) };
    },
  }),
  route({
    method: 'get',
    path: '/evaluations',
    role: 'read',
    summary: 'What each site measured on its own held-out queries, by version.',
    answer: evaluationsSchema,
    handle: (_, { coordinator: { state } }: Leading) => viewEvaluations(state),
  }),
];
