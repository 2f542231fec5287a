// Token buckets: so many requests at once, then so many per minute.

export interface RateLimit {
  /** For people: what is limited. */
  readonly of: string;
  readonly burst: number;
  readonly perMinute: number;
}

/** Requests of one address, with or without a token. */
export const ADDRESS_LIMIT: RateLimit = Object.freeze({
  of: 'requests of one address',
  burst: 300,
  perMinute: 1_200,
});
/** Requests with one token, from wherever. */
export const TOKEN_LIMIT: RateLimit = Object.freeze({
  of: 'requests with one token',
  burst: 200,
  perMinute: 600,
});
/** Requests of one address whose token is missing or unknown. */
export const FAILURE_LIMIT: RateLimit = Object.freeze({
  of: 'refused tokens of one address',
  burst: 20,
  perMinute: 20,
});
/** Addresses or tokens that are remembered; the one that was quiet longest is forgotten. */
export const BUCKETS_MAX = 4_096;

interface Bucket {
  left: number;
  atMs: number;
}

export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  get limit(): RateLimit {
    return this.#limit;
  }

  /** Takes one request of `key`. @returns 0, or milliseconds until there is room for the next */
  take(key: string, nowMs: number): number {
    const bucket = this.#refilled(key, nowMs);
    if (bucket.left < 1) return Math.ceil((1 - bucket.left) / this.#perMs);
    bucket.left -= 1;
    return 0;
  }

  /** As {@link take} would answer, without taking. */
  wait(key: string, nowMs: number): number {
    const { left } = this.#refilled(key, nowMs);
    return left < 1 ? Math.ceil((1 - left) / this.#perMs) : 0;
  }

  get #perMs(): number {
    return this.#limit.perMinute / 60_000;
  }

  #refilled(key: string, nowMs: number): Bucket {
    const { burst } = this.#limit;
    const known = this.#buckets.get(key);
    const sinceMs = known === undefined ? 0 : Math.max(0, nowMs - known.atMs);
    const left = known === undefined ? burst : Math.min(burst, known.left + sinceMs * this.#perMs);
    const bucket = { left, atMs: nowMs };
    // The order of the map is that of the last request.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > BUCKETS_MAX && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }
}

/** Of an IPv6 address its /64, for one machine has all of them. */
export function rateKeyOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [before = '', after] = plain.split('%')[0]?.split('::') ?? [];
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array<string>(Math.max(0, zeros)).fill('0'), ...tail];
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
