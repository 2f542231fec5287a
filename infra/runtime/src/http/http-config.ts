// Where the operator API listens, in a coordinator's config or by an option of its start.

import { isIP } from 'node:net';
import { z } from '@starling/shared';
import { RuntimeError } from '../runtime-error.ts';

/** A path; one that is not absolute is meant from the folder. */
const file = z.string().min(1).max(4096);
const LISTEN = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):\d{1,5}$/;
const LISTEN_RULE = 'a host and a port such as 127.0.0.1:8080 or [::]:8080';

export const httpSchema = z.strictObject({
  /** Other machines may send tokens through the open network. */
  insecure: z.boolean().default(false),
  listen: z
    .string()
    .regex(LISTEN, LISTEN_RULE)
    .refine((text) => portOf(text) <= 65_535, { error: LISTEN_RULE }),
  /** PEM files: a certificate with its chain, and its key, which others must not read. */
  tls: z.strictObject({ cert: file, key: file }).nullable().default(null),
});

export type HttpConfig = z.infer<typeof httpSchema>;
export type HttpInput = z.input<typeof httpSchema>;

/** What the options of a start change of the config. */
export interface HttpOverride {
  readonly listen?: string | undefined;
  readonly insecure?: boolean | undefined;
}

/**
 * The config with what was said at the start; null when there is to be no API.
 * @throws {RuntimeError} `invalid-option`
 */
export function httpFrom(
  config: HttpConfig | null,
  { insecure, listen }: HttpOverride,
): HttpConfig | null {
  if (listen === undefined && config === null) {
    if (insecure !== true) return null;
    const message = '--http-insecure goes with --http or with "http" in the config';
    throw new RuntimeError('invalid-option', message);
  }
  const parsed = httpSchema.safeParse({
    ...config,
    ...(listen === undefined ? {} : { listen }),
    ...(insecure === undefined ? {} : { insecure }),
  });
  if (parsed.success) return parsed.data;
  throw new RuntimeError('invalid-option', `--http is ${listen}: it must be ${LISTEN_RULE}`);
}

/**
 * Tokens never cross a network in the clear unless the operator says so.
 * @throws {RuntimeError} `invalid-config`
 */
export function assertPrivate({ insecure, listen, tls }: HttpConfig): void {
  if (tls !== null || insecure || isLoopback(hostOf(listen))) return;
  const message =
    `http.listen is ${listen}: without TLS other machines send tokens in the clear. ` +
    'Name http.tls {cert, key}, listen on 127.0.0.1 behind a proxy, or say --http-insecure';
  throw new RuntimeError('invalid-config', message);
}

export function hostOf(listen: string): string {
  return listen.slice(0, listen.lastIndexOf(':')).replaceAll(/^\[|\]$/g, '');
}

export function portOf(listen: string): number {
  return Number(listen.slice(listen.lastIndexOf(':') + 1));
}

export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === 'localhost' || host === '::1';
}
