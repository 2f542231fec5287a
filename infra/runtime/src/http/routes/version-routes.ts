// Model versions, and what sites measured of them.

import { pinSchema } from '@starling/rules';
import { z } from '@starling/shared';
import type { OperatorDesk } from '../operator-desk.ts';
import { type ApiRoute, route } from '../route.ts';
import { count } from '../schemas/list-schema.ts';
import { evaluationsSchema, versionsSchema } from '../schemas/version-schema.ts';
import { viewEvaluations } from '../views/evaluation-view.ts';

const numbered = z.strictObject({ version: z.coerce.number().int().min(0) });
const decidedSchema = z.strictObject({ version: count });

export const VERSION_ROUTES: readonly ApiRoute<OperatorDesk>[] = [
  route({
    method: 'get',
    path: '/versions',
    role: 'read',
    summary: 'Model versions, newest first.',
    answer: versionsSchema,
    handle: (_, { coordinator: { models } }: OperatorDesk) => {
      return { pinned: models.pinned, versions: models.versions() };
    },
  }),
  route({
    method: 'get',
    path: '/evaluations',
    role: 'read',
    summary: 'What each site measured on its own held-out queries, by version.',
    answer: evaluationsSchema,
    handle: (_, { coordinator }: OperatorDesk) => viewEvaluations(coordinator),
  }),
  route({
    method: 'post',
    path: '/versions/{version}/pin',
    role: 'operate',
    summary: 'Holds a version to be the best, by a metric; its model stays.',
    params: numbered,
    body: pinSchema.omit({ version: true }),
    answer: decidedSchema,
    handle: async ({ body, params: { version } }, { coordinator: { models } }: OperatorDesk) => {
      await models.pin({ ...body, version });
      return { version };
    },
  }),
  route({
    method: 'post',
    path: '/versions/{version}/rollback',
    role: 'operate',
    summary: 'Has the next round bring a version back.',
    params: numbered,
    answer: decidedSchema,
    handle: async ({ params: { version } }, { coordinator: { models } }: OperatorDesk) => {
      await models.rollback(version);
      return { version };
    },
  }),
];
