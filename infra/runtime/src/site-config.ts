// A folder's config.json: strict, so that a misspelt key is named instead of ignored.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOG_LEVELS } from '@starling/adapters';
import { DEFAULT_COORDINATOR_OPTIONS } from '@starling/coordinator';
import { PRIVACY_UNITS } from '@starling/crypto';
import {
  DEFAULT_PATTERN_OPTIONS,
  DEFAULT_PEER_OPTIONS,
  DEFAULT_PRIVACY_LIMIT,
} from '@starling/peer';
import { PATIENCE_MAX, scheduleSchema, VERSION_METRICS } from '@starling/rules';
import { chainEngineSchema, siteNameSchema, z } from '@starling/shared';
import { DEFAULT_ENCODER_ENGINE, WORKER_ENGINES } from '@starling/training';
import { httpSchema } from './http/http-config.ts';
import { logSchema } from './log-config.ts';
import { RuntimeError } from './runtime-error.ts';

export const CONFIG_FILE = 'config.json';
export const COORDINATOR_PORT = 4600;
/** A day. */
const CLOCK_OFFSET_MS_MAX = 86_400_000;

const positive = z.int().positive();
const SESSION_FLOORS = DEFAULT_PEER_OPTIONS.sessionPolicy;
const multiaddr = z
  .string()
  .regex(
    /^\/(ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/\d+/,
    'a multiaddr such as /ip4/0.0.0.0/tcp/4600',
  );
const SITE_NAME_RULE =
  'a name of 1 to 63 letters, digits, ".", "_" or "-" that begins with a letter or digit';

const common = {
  /** Multiaddrs told to others instead of the listening ones. */
  announce: z.array(multiaddr).max(8).default([]),
  /** Fault injection: how far this process's clock is ahead of the machine's, or behind. */
  clockOffsetMs: z.int().min(-CLOCK_OFFSET_MS_MAX).max(CLOCK_OFFSET_MS_MAX).default(0),
  listen: z.array(multiaddr).min(1).max(8),
  logLevel: z.enum(LOG_LEVELS).default('info'),
  version: z.literal(1),
};

const aloneSchema = z.strictObject({
  epochsMax: positive,
  epochsPerCheck: positive,
  learningRate: z.number().positive(),
  patience: positive,
});

/** What a site lets be learned of its collection; no limit unless it sets one. */
export const privacyLimitSchema = z.strictObject({
  delta: z.number().gt(0).lt(1),
  epsilonMax: z.number().positive().nullable(),
  unit: z.enum(PRIVACY_UNITS),
});
const { delta, epsilonMax, unit } = privacyLimitSchema.shape;

const peerSchema = z.strictObject({
  ...common,
  /** What the operator installed where the federation trains an app; the site runs it as it is. */
  app: z
    .strictObject({
      folder: z.string().min(1),
      /** What the app's client sees of this site, such as `partition-id`. */
      node: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
    })
    .nullable()
    .default(null),
  baselines: aloneSchema.nullable().default(null),
  /** Where the coordinator listens now; where it did at the join when this is empty. */
  coordinator: z.array(multiaddr).max(8).default([]),
  generationIntervalMs: positive.default(DEFAULT_PEER_OPTIONS.generationIntervalMs),
  indexRecallTarget: z.number().min(0).max(1).default(DEFAULT_PEER_OPTIONS.indexRecallTarget),
  /** Proposals reveal topics of queries, so a site proposes only when its operator says so. */
  patterns: z
    .strictObject({
      auditEvery: positive.default(DEFAULT_PATTERN_OPTIONS.auditEvery),
      learnEvery: positive.default(DEFAULT_PATTERN_OPTIONS.learnEvery),
      propose: z.boolean().default(DEFAULT_PATTERN_OPTIONS.propose),
      rehearse: z.boolean().default(DEFAULT_PATTERN_OPTIONS.rehearse),
      use: z.boolean().default(DEFAULT_PATTERN_OPTIONS.use),
    })
    .prefault({}),
  privacy: z
    .strictObject({
      delta: delta.default(DEFAULT_PRIVACY_LIMIT.delta),
      epsilonMax: epsilonMax.default(DEFAULT_PRIVACY_LIMIT.epsilonMax),
      unit: unit.default(DEFAULT_PRIVACY_LIMIT.unit),
    })
    .prefault({}),
  /** What the coordinator is told beside the state, the version and how far a training is. */
  report: z
    .strictObject({
      documents: z.boolean().default(DEFAULT_PEER_OPTIONS.report.documents),
      patterns: z.boolean().default(DEFAULT_PEER_OPTIONS.report.patterns),
      peers: z.boolean().default(DEFAULT_PEER_OPTIONS.report.peers),
      privacy: z.boolean().default(DEFAULT_PEER_OPTIONS.report.privacy),
      queries: z.boolean().default(DEFAULT_PEER_OPTIONS.report.queries),
    })
    .prefault({}),
  republishMs: positive.default(DEFAULT_PEER_OPTIONS.republishMs),
  role: z.literal('peer'),
  /** Floors of secure aggregation that no coordinator lowers. */
  secagg: z
    .strictObject({
      participantsMin: positive.min(3).default(SESSION_FLOORS.participantsMin),
      survivorsMin: positive.min(2).default(SESSION_FLOORS.survivorsMin),
      weightMax: positive.max(SESSION_FLOORS.weightMax).default(SESSION_FLOORS.weightMax),
    })
    .prefault({}),
  site: siteNameSchema,
  /** On what the encoder is trained; an update says so. */
  training: z
    .strictObject({ engine: z.enum(WORKER_ENGINES).default(DEFAULT_ENCODER_ENGINE) })
    .prefault({}),
});

const coordinatorSchema = z.strictObject({
  ...common,
  /** Read when the chain opens, with the first round; what was signed then stays. */
  chainEngine: chainEngineSchema.default(DEFAULT_COORDINATOR_OPTIONS.chainEngine),
  /** The API for operators on other machines; none unless asked for. */
  http: httpSchema.nullable().default(null),
  log: logSchema.default({ kind: 'sqlite' }),
  name: z.string().min(1).max(80),
  republishMs: positive.default(DEFAULT_COORDINATOR_OPTIONS.republishMs),
  role: z.literal('coordinator'),
  rosterLifeMs: positive.default(DEFAULT_COORDINATOR_OPTIONS.rosterLifeMs),
  schedule: scheduleSchema.prefault({}),
  /** When a run ends before its last round; absent for never. */
  stopping: z
    .strictObject({
      /** Least difference that counts as better. */
      minDelta: z.number().min(0).max(1000).default(0),
      metric: z.enum(VERSION_METRICS),
      patience: positive.max(PATIENCE_MAX),
    })
    .nullable()
    .default(null),
  snapshotEveryEvents: positive.default(DEFAULT_COORDINATOR_OPTIONS.snapshotEveryEvents),
  tickMs: positive.default(DEFAULT_COORDINATOR_OPTIONS.tickMs),
  verifiableRounds: positive.default(DEFAULT_COORDINATOR_OPTIONS.verifiableRounds),
});

const configSchema = z.discriminatedUnion('role', [peerSchema, coordinatorSchema]);

export type SiteConfig = z.infer<typeof configSchema>;
export type PeerConfig = Extract<SiteConfig, { role: 'peer' }>;
export type CoordinatorConfig = Extract<SiteConfig, { role: 'coordinator' }>;
/** A config as a person writes it: what has a default may be left out. */
export type SiteConfigInput = z.input<typeof configSchema>;

/** Checks a config; every unknown key and wrong type is named with its path. */
export function parseConfig(value: unknown, where: string): SiteConfig {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap(describeIssue);
  throw new RuntimeError('invalid-config', `${where}: ${problems.join('; ')}`);
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${[...issue.path, key].join('.')}: no such key`);
  }
  if (path === 'site') return [`${path}: ${SITE_NAME_RULE}`];
  return [`${path === '' ? 'the whole' : path}: ${issue.message}`];
}

/** @throws {RuntimeError} `not-a-site` without a config, `invalid-config` for a wrong one. */
export async function readConfig(home: string): Promise<SiteConfig> {
  const path = join(home, CONFIG_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const message =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `${home} is no site folder (no ${CONFIG_FILE}): create one with "starling init"`
        : `${path} cannot be read (${code}): give it to the user who runs this`;
    throw new RuntimeError('not-a-site', message, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError('invalid-config', `${path} is no JSON: ${detail}`, { cause });
  }
  return parseConfig(value, path);
}

/** Whose folder it is. @throws as {@link readConfig} */
export async function roleOf(home: string): Promise<SiteConfig['role']> {
  return (await readConfig(home)).role;
}

export async function writeConfig(home: string, config: SiteConfigInput): Promise<SiteConfig> {
  const checked = parseConfig(config, CONFIG_FILE);
  const path = join(home, CONFIG_FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(checked, undefined, 2)}\n`);
  await rename(`${path}.new`, path);
  return checked;
}
