// Where the log of a coordinator lies: in its folder, or on NATS servers.

import { LEASE_MS_MIN } from '@starling/adapters';
import { z } from '@starling/shared';

export const LOG_SERVERS_MAX = 16;
/** Copies of a log on NATS servers: an odd number, so that a majority is never a half. */
export const LOG_REPLICAS = [1, 3, 5] as const;
export type LogReplicas = (typeof LOG_REPLICAS)[number];

const SERVER = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:]{2,45}\]):\d{1,5}$/;
/** A path; one that is not absolute is meant from the folder. */
const file = z.string().min(1).max(4096).nullable().default(null);

const natsSchema = z
  .strictObject({
    kind: z.literal('nats'),
    /** Certificates of the servers' authority; TLS is used when it is given. */
    caFile: file,
    /** Another coordinator takes over when the one that leads was not heard for this long. */
    leaseMs: z.int().min(LEASE_MS_MIN).max(600_000).default(10_000),
    /** The seed of a user nkey. */
    nkeyFile: file,
    replicas: z.literal(LOG_REPLICAS).default(1),
    servers: z
      .array(z.string().regex(SERVER, 'a server such as nats1.example:4222'))
      .min(1)
      .max(LOG_SERVERS_MAX),
    /** Names the log among those of the same servers; whoever shares the log has the same name. */
    stream: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, - and _, at most 64'),
    tokenFile: file,
  })
  .refine(({ nkeyFile, tokenFile }) => nkeyFile === null || tokenFile === null, {
    error: 'nkeyFile or tokenFile, not both',
  });

const sqliteSchema = z.strictObject({ kind: z.literal('sqlite') });

export const logSchema = z.discriminatedUnion('kind', [sqliteSchema, natsSchema]);

export type LogConfig = z.infer<typeof logSchema>;
export type NatsLogConfig = Extract<LogConfig, { kind: 'nats' }>;
export type NatsLogInput = Extract<z.input<typeof logSchema>, { kind: 'nats' }>;
