// A route of the operator API: what it takes, what it answers and who may ask. Requests are checked
// and the OpenAPI document is made from the same schemas.

import { type Logger, z } from '@starling/shared';
import type { Context, Hono } from 'hono';
import type { TokenRecord } from './access/token-file.ts';
import { audit } from './audit.ts';
import type { Role } from './roles.ts';

export interface RouteSpec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, D> {
  readonly method: 'get' | 'post';
  /** As OpenAPI writes it: parameters in braces. */
  readonly path: string;
  readonly role: Role;
  readonly summary: string;
  readonly answer: z.ZodType;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly handle: (
    input: {
      readonly params: z.output<P>;
      readonly query: z.output<Q>;
      readonly body: z.output<B>;
      readonly signal: AbortSignal;
    },
    desk: D,
  ) => unknown;
}

/** A route of any shape, over the desk `D`. */
export interface ApiRoute<D> extends Omit<RouteSpec<z.ZodType, z.ZodType, z.ZodType, D>, 'handle'> {
  /**
   * @param onAsked told the body once it was read and is as the route says
   * @throws {z.ZodError} naming the place in the request that is not as the route says
   */
  answerTo(context: Context, desk: D, onAsked: (body: unknown) => void): Promise<unknown>;
}

const NOTHING = z.unknown();

/** Declares a route. What `handle` gives must be what `answer` describes. */
export function route<
  D,
  A extends z.ZodType,
  P extends z.ZodType = z.ZodUnknown,
  Q extends z.ZodType = z.ZodUnknown,
  B extends z.ZodType = z.ZodUnknown,
>(
  spec: Omit<RouteSpec<P, Q, B, D>, 'handle' | 'answer'> & {
    readonly answer: A;
    readonly handle: (
      ...given: Parameters<RouteSpec<P, Q, B, D>['handle']>
    ) => z.input<A> | Promise<z.input<A>>;
  },
): ApiRoute<D> {
  const { body, handle, params, query, ...rest } = spec;
  return {
    ...rest,
    ...(body === undefined ? {} : { body }),
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { query }),
    answerTo: async ({ req }, desk, onAsked) => {
      const input = {
        params: (params ?? NOTHING).parse(req.param()) as z.output<P>,
        query: (query ?? NOTHING).parse(req.query()) as z.output<Q>,
        body: (body === undefined ? undefined : body.parse(await req.json())) as z.output<B>,
        signal: req.raw.signal,
      };
      onAsked(input.body);
      return handle(input, desk);
    },
  };
}

export interface Door<D> {
  /** Lets whoever has the role in. @throws {ApiRefusal} 401, 403, 429 */
  require(context: Context, role: Role): Promise<TokenRecord>;
  /** @throws {ApiRefusal} when nobody can answer now */
  desk(): D;
  readonly logger: Logger;
}

/** Answers routes as JSON; whatever changes something is written to the log. */
export function mountRoutes<D>(app: Hono, routes: readonly ApiRoute<D>[], door: Door<D>): void {
  for (const each of routes) {
    app.on(each.method, honoPath(each.path), async (context) => {
      const token = await door.require(context, each.role);
      let asked: unknown;
      const keep = (body: unknown) => {
        asked = body;
      };
      const note = (refused?: unknown) => {
        if (each.method === 'post') audit(door.logger, context, token, asked, refused);
      };
      try {
        const answer = await each.answerTo(context, door.desk(), keep);
        note();
        return context.json(answer as object);
      } catch (error) {
        note(error);
        throw error;
      }
    });
  }
}

/** A path as Hono writes it. */
function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}
