// A site says how it is: its state, how far its training is, its neighbours, what its privacy cost.
// It goes to the coordinator alone, over the site's own connection, and nowhere into the log.

import { z } from 'zod';
import { memberIdSchema } from '../ids.ts';
import { MICROS, uint32Schema, uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { ROSTER_MEMBERS_MAX } from './roster.ts';

/** Request protocol of reporting. */
export const SITE_REPORT_PROTOCOL = 'site-report';
/** A report that was not followed by another for this long says nothing any more. */
export const SITE_REPORT_LIFE_MS = 90_000;
/** The shortest time between two reports of one site; sooner ones are refused unread. */
export const SITE_REPORT_GAP_MIN_MS = 500;
export const SITE_REPORT_ANSWER_BYTES_MAX = 2048;

/** Each holds those before it: a site that trains is configured, registered and connected. */
export const SITE_STATES = ['connected', 'registered', 'configured', 'training'] as const;
export type SiteState = (typeof SITE_STATES)[number];

/** Counts of documents are rounded up to this, as those of examples are. */
export const DOCUMENTS_ROUNDED_TO = 10;
/** Progress is told in hundredths. */
export const PROGRESS_STEP_MICROS = 10_000;

const privacySchema = z.strictObject({
  /** Rounded up; the unit is 1e-12. */
  deltaPicos: uintSchema.max(1_000_000_000_000),
  /** The site's own limit; null for none. */
  epsilonMaxMicros: uintSchema.nullable(),
  /** Over the rounds with noise, by the tight conversion; null without bound. */
  epsilonMicros: uintSchema.nullable(),
  rounds: uintSchema,
  /** Rounds that showed the unit without bound; ε does not hold them. */
  roundsWithoutBound: uintSchema,
  unit: z.enum(['example', 'site']),
});

const patternsSchema = z.strictObject({
  /** Final patterns that the site knows. */
  known: uintSchema,
  /** Those among them that guide its searches. */
  used: uintSchema,
  /** Patterns that it does not search by. */
  vetoed: uintSchema,
});

const neighbourSchema = z.strictObject({
  member: memberIdSchema,
  /** Gossip of at least one topic goes there directly. */
  mesh: z.boolean(),
  /** Of the newest measured round trip; null before one was. */
  rttMs: uint32Schema.nullable(),
});

/** What an operator keeps to itself is null. */
export const siteReportSchema = z.strictObject({
  /** Rounded up to `DOCUMENTS_ROUNDED_TO`. */
  documents: uintSchema.nullable(),
  patterns: patternsSchema.nullable(),
  /** Members with a proved connection, each once, sorted by id. */
  peers: z
    .array(neighbourSchema)
    .max(ROSTER_MEMBERS_MAX)
    .refine(isAscending, 'members in ascending order, each once')
    .nullable(),
  privacy: privacySchema.nullable(),
  /** Of the training that runs; null while none does. */
  progressMicros: uintSchema.max(MICROS).nullable(),
  /** Searches since the start, the next power of two at or above; null unless the operator agreed. */
  queries: uintSchema.nullable(),
  state: z.enum(SITE_STATES),
  /** Model version that the site holds. */
  version: uintSchema,
});

export type SiteReport = z.infer<typeof siteReportSchema>;

export const siteReport = defineMessage<SiteReport>({
  type: 'site-report',
  form: 'envelope',
  topic: 'direct',
  sender: 'peer',
  bodyBytesMax: 16 * 1024,
  lifetimeMs: 30_000,
  schema: siteReportSchema,
});

export const siteReportAnswerSchema = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('taken') }),
  z.strictObject({ outcome: z.literal('refused'), reason: z.string().max(400) }),
]);
export type SiteReportAnswer = z.infer<typeof siteReportAnswerSchema>;

function isAscending(peers: readonly { readonly member: string }[]): boolean {
  return peers.every(({ member }, i) => i === 0 || (peers[i - 1]?.member ?? '') < member);
}
