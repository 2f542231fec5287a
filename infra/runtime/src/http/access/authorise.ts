// Who asks, and whether they may: bearer tokens with roles, and limits on how often.

import type { Clock, Logger } from '@starling/shared';
import type { Context, MiddlewareHandler } from 'hono';
import { ApiRefusal } from '../api-refusal.ts';
import { mayAct, type Role } from '../roles.ts';
import type { KnownTokens } from './known-tokens.ts';
import { ADDRESS_LIMIT, FAILURE_LIMIT, RateLimiter, rateKeyOf, TOKEN_LIMIT } from './rate-limit.ts';
import { isExpired, type TokenRecord } from './token-file.ts';

export interface AccessParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tokens: KnownTokens;
  /** Address of whoever asks. */
  readonly addressOf: (context: Context) => string;
}

export class Access {
  readonly #parts: AccessParts;
  readonly #addresses = new RateLimiter(ADDRESS_LIMIT);
  readonly #failures = new RateLimiter(FAILURE_LIMIT);
  readonly #byToken = new RateLimiter(TOKEN_LIMIT);

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  /** Limits every request by its address. */
  limitAddresses(): MiddlewareHandler {
    return async (context, next) => {
      this.#take(this.#addresses, this.#keyOf(context));
      await next();
    };
  }

  /**
   * Lets a request with a token of this role through.
   * @returns the token's record
   * @throws {ApiRefusal} 401, 403 or 429
   */
  async require(context: Context, role: Role): Promise<TokenRecord> {
    const address = this.#keyOf(context);
    const blockedMs = this.#failures.wait(address, this.#monotonicMs());
    if (blockedMs > 0) throw tooMany(this.#failures, blockedMs);
    const record = await this.#identify(context).catch((error: unknown) => {
      if (error instanceof ApiRefusal) this.#failures.take(address, this.#monotonicMs());
      throw error;
    });
    this.#take(this.#byToken, record.name);
    if (mayAct(record.role, role)) return record;
    const { name } = record;
    this.#parts.logger.warn('a token may not do this', {
      token: name,
      method: context.req.method,
      path: context.req.path,
    });
    const message = `the token "${name}" has the role ${record.role}, this needs ${role}: make one with "starling token create --role ${role} --name <name>"`;
    throw new ApiRefusal(403, 'forbidden', message);
  }

  /** Whether a token that was let through still holds, for answers that never end. */
  async isStillGood({ name, digest }: TokenRecord, text: string): Promise<boolean> {
    const record = await this.#parts.tokens.find(text).catch(() => undefined);
    if (record === undefined || record.digest !== digest || record.name !== name) return false;
    return !isExpired(record, this.#nowMs());
  }

  async #identify(context: Context): Promise<TokenRecord> {
    const text = tokenOf(context);
    if (text === undefined) {
      const how = '"Authorization: Bearer <token>", made by "starling token create"';
      throw new ApiRefusal(401, 'unauthorised', `a bearer token is needed: ${how}`);
    }
    const record = await this.#parts.tokens.find(text);
    if (record === undefined) {
      const message =
        'this token is not known here: it was revoked, or made for another folder; "starling token list" shows what there is';
      throw new ApiRefusal(401, 'unauthorised', message);
    }
    if (!isExpired(record, this.#nowMs())) return record;
    const since = new Date(record.expiresAtMs ?? 0).toISOString();
    const message = `the token "${record.name}" expired at ${since}: make a new one with "starling token create"`;
    throw new ApiRefusal(401, 'unauthorised', message);
  }

  #take(limiter: RateLimiter, key: string): void {
    const waitMs = limiter.take(key, this.#monotonicMs());
    if (waitMs > 0) throw tooMany(limiter, waitMs);
  }

  #keyOf(context: Context): string {
    return rateKeyOf(this.#parts.addressOf(context));
  }

  #nowMs(): number {
    return this.#parts.clock.nowMs();
  }

  /** A wall clock that is corrected must not open or close a limit. */
  #monotonicMs(): number {
    return this.#parts.clock.monotonicMs();
  }
}

/** The text of a request's token. */
export function tokenOf(context: Context): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,256})$/i.exec(context.req.header('authorization') ?? '')?.[1];
}

function tooMany(limiter: RateLimiter, waitMs: number): ApiRefusal {
  const { burst, of, perMinute } = limiter.limit;
  const seconds = Math.ceil(waitMs / 1000);
  const message = `too many ${of}: ${burst} at once and ${perMinute} a minute; ask again in ${seconds} s`;
  return new ApiRefusal(429, 'too-many-requests', message, { 'retry-after': String(seconds) });
}
