// The OpenAPI 3.1 document, made from the schemas that requests are checked against. JSON Schema
// comes from zod itself.

import { z } from '@starling/shared';
import { API_BASE } from './api-base.ts';
import { healthSchema, readinessSchema } from './health.ts';
import type { ApiRoute } from './route.ts';
import { eventsSchema } from './schemas/events-schema.ts';

type Json = Readonly<Record<string, unknown>>;

const ERROR = z.strictObject({
  /** For programs. */
  code: z.string(),
  /** For people: what was wrong, where, and what to do. */
  error: z.string(),
});

/** Of what is no JSON, or needs no token. */
function otherPaths(): Json {
  return {
    '/healthz': { get: open('The process answers.', { 200: ok(healthSchema) }) },
    '/readyz': {
      get: open('Whether it leads, reaches its log and can be reached.', {
        200: ok(readinessSchema),
        503: { ...ok(readinessSchema), description: 'not ready' },
      }),
    },
    '/openapi.json': {
      get: open('This document.', { 200: ok(z.looseObject({ openapi: z.string() })) }),
    },
    '/metrics': {
      get: {
        ...guarded('read', 'Metrics for Prometheus.'),
        responses: { 200: text('text/plain'), ...refusals([401, 403, 429]) },
      },
    },
    [`${API_BASE}/events`]: {
      get: {
        ...guarded(
          'read',
          'What changes, as server-sent events; the data of each is one JSON view.',
        ),
        parameters: [
          {
            name: 'Last-Event-ID',
            in: 'header',
            description:
              'Number of the newest log event that is known: what came after is sent first.',
            schema: { type: 'integer', minimum: 0 },
          },
        ],
        responses: {
          200: { ...text('text/event-stream'), 'x-events': jsonSchema(eventsSchema, 'output') },
          ...refusals([400, 401, 403, 429, 503]),
        },
      },
    },
  };
}

/** @param routes those below {@link API_BASE} */
export function openApiDocument<D>(routes: readonly ApiRoute<D>[], version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = `${API_BASE}${route.path}`;
    paths[path] = { ...paths[path], [route.method]: describe(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Starling operator API',
      version,
      description: 'Rounds, members, versions and accounts of a federation, from its coordinator.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: { ...paths, ...otherPaths() },
    components: {
      schemas: { Error: jsonSchema(ERROR, 'output') },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Made by "starling token create" with the role read, operate or admin.',
        },
      },
    },
  };
}

function describe<D>({ answer, body, params, query, role, summary }: ApiRoute<D>): Json {
  const parameters = [...parametersIn(params, 'path'), ...parametersIn(query, 'query')];
  const requestBody = body && {
    required: true,
    content: { 'application/json': { schema: jsonSchema(body, 'input') } },
  };
  return {
    ...guarded(role, summary),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: { 200: ok(answer), ...refusals([400, 401, 403, 404, 409, 429, 503]) },
  };
}

function parametersIn(schema: z.ZodType | undefined, where: 'path' | 'query'): Json[] {
  if (!(schema instanceof z.ZodObject)) return [];
  const fields: Readonly<Record<string, z.ZodType>> = schema.shape;
  return Object.entries(fields).map(([name, field]) => ({
    name,
    in: where,
    required: where === 'path' || !field.safeParse(undefined).success,
    schema: jsonSchema(field, 'output'),
  }));
}

function guarded(role: string, summary: string): Json {
  return { summary, description: `Needs the role ${role}.`, security: [{ token: [] }] };
}

function open(summary: string, responses: Json): Json {
  return { summary, security: [], responses };
}

function ok(schema: z.ZodType): Json {
  return {
    description: 'the answer',
    content: { 'application/json': { schema: jsonSchema(schema, 'output') } },
  };
}

function text(media: string): Json {
  return { description: 'the answer', content: { [media]: { schema: { type: 'string' } } } };
}

const REFUSALS: Readonly<Record<number, string>> = Object.freeze({
  400: 'the request is not as described',
  401: 'no token, or one that is unknown or expired',
  403: 'a token with too small a role',
  404: 'what is asked for is not there',
  409: 'refused by the rules of the federation',
  429: 'too many requests; Retry-After says when',
  503: 'another coordinator leads',
});

function refusals(statuses: readonly number[]): Json {
  const schema = { $ref: '#/components/schemas/Error' };
  const content = { 'application/json': { schema } };
  return Object.fromEntries(
    statuses.map((status) => [status, { description: REFUSALS[status] ?? '', content }]),
  );
}

/** Without what a list's type adds for readers of TypeScript alone. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema: made }) => {
      delete made.readOnly;
    },
  });
  return rest;
}
