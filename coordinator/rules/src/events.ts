// The coordinator's events. Everything it knows is a fold of these; statements are stored as
// they came, so that anyone who holds the log can check every signature again.

import type { CborValue, NewEvent, StoredEvent } from '@starling/shared';
import {
  bytesSchema,
  decodeCanonical,
  digestSchema,
  encodeCanonical,
  memberIdSchema,
  missingMemberSchema,
  modelCertificateSchema,
  payloadRefSchema,
  registrationSchema,
  uintSchema,
  z,
} from '@starling/shared';
import { upcast, withSchemaVersion } from './events/schema-versions.ts';
import { LEDGER_EVENTS } from './ledger/ledger-events.ts';
import { registryEvents } from './registry/registry-events.ts';
import { stoppingRuleSchema } from './registry/stopping-rule.ts';
import { PROOFS_MAX } from './roster/check-proofs.ts';
import { RulesError } from './rules-error.ts';
import { cohortSelectionSchema } from './schedule/cohort-selection.ts';

/** Largest event payload, in bytes. */
export const EVENT_BYTES_MAX = 1024 * 1024;

const proofsSchema = z.array(bytesSchema).max(PROOFS_MAX);

const schemas = {
  ...registryEvents,
  'federation-created': z.strictObject({ genesis: bytesSchema }),
  /** With the records that prove its new keys. */
  'roster-changed': z.strictObject({ proofs: proofsSchema, roster: bytesSchema }),
  /** Takes the place of a proposal that was not signed by enough administrators yet. */
  'roster-proposed': z.strictObject({
    body: bytesSchema,
    /** Used up when the proposal comes into force. */
    invitations: z
      .array(z.strictObject({ member: memberIdSchema, nonce: digestSchema }))
      .max(PROOFS_MAX),
    proofs: proofsSchema,
  }),
  'roster-signed': z.strictObject({
    member: memberIdSchema,
    proposal: digestSchema,
    signature: bytesSchema,
  }),
  'invitation-used': z.strictObject({ member: memberIdSchema, nonce: digestSchema }),
  'site-registered': z.strictObject({ member: memberIdSchema, registration: registrationSchema }),
  /** From here on events are those of the coordinator that holds this fencing token. */
  'leadership-taken': z.strictObject({ token: uintSchema.min(1) }),
  'run-planned': z.strictObject({
    peersMin: uintSchema.min(1),
    rounds: uintSchema,
    /** Null for a run of all its rounds. */
    stopping: stoppingRuleSchema.nullable(),
  }),
  /** The collection's chain begins; once. */
  'chain-opened': z.strictObject({ genesis: bytesSchema }),
  /** How the cohort of the round that opens next was chosen. */
  'cohort-selected': cohortSelectionSchema,
  'round-opened': z.strictObject({ plan: bytesSchema }),
  'round-resumed': z.strictObject({ round: uintSchema }),
  'update-received': z.strictObject({ member: memberIdSchema, update: bytesSchema }),
  'update-refused': z.strictObject({
    detail: z.string(),
    member: memberIdSchema,
    reason: z.string(),
    round: uintSchema,
  }),
  /** A member said that it gives no update. */
  'site-withdrew': z.strictObject({ member: memberIdSchema, withdrawal: bytesSchema }),
  'session-opened': z.strictObject({ announce: bytesSchema }),
  'session-said': z.strictObject({
    frame: bytesSchema,
    /** The leaves of R1, which are too large for the log; null for every other statement. */
    leaves: payloadRefSchema.nullable(),
    member: memberIdSchema,
    session: digestSchema,
  }),
  'session-equivocated': z.strictObject({
    frame: bytesSchema,
    member: memberIdSchema,
    session: digestSchema,
  }),
  /** Their R4, on record, was held against the dealers' commitments and found wrong. */
  'session-faulted': z.strictObject({
    members: z.array(memberIdSchema).min(1),
    session: digestSchema,
  }),
  'session-announced': z.strictObject({
    /** Whom the session goes on without, and why. */
    missing: z.array(missingMemberSchema),
    phase: bytesSchema,
    session: digestSchema,
  }),
  'session-failed': z.strictObject({
    blamed: z.array(memberIdSchema),
    detail: z.string(),
    /** Who had not answered, and why. */
    missing: z.array(missingMemberSchema),
    reason: z.enum(['too-few', 'complaint', 'faulty-shares', 'unusable-sum']),
    session: digestSchema,
  }),
  'aggregate-published': z.strictObject({ aggregate: bytesSchema }),
  'vote-received': z.strictObject({ member: memberIdSchema, vote: bytesSchema }),
  'version-finalised': z.strictObject({
    certificate: modelCertificateSchema,
    round: uintSchema,
    version: uintSchema,
  }),
  'round-failed': z.strictObject({
    missing: z.array(missingMemberSchema),
    reason: z.string(),
    round: uintSchema,
  }),
  'evaluation-received': z.strictObject({ evaluation: bytesSchema, member: memberIdSchema }),
  ...LEDGER_EVENTS,
} as const;

type Schemas = typeof schemas;
export type EventType = keyof Schemas;

/** An event with its decoded payload, discriminated by `type`. */
export type FederationEvent = {
  [T in EventType]: { readonly type: T; readonly payload: z.infer<Schemas[T]> };
}[EventType];

/** An event as the log numbered and dated it. */
export type RecordedEvent = FederationEvent & { readonly seq: number; readonly atMs: number };

export function encodeEvent(event: FederationEvent, atMs: number): NewEvent {
  schemas[event.type].parse(event.payload);
  const payload = event.payload as { readonly [field: string]: CborValue };
  const stored = encodeCanonical(withSchemaVersion(event.type, payload));
  return { type: event.type, atMs, payload: stored };
}

/**
 * Decodes an event, brought to the newest version of its schema.
 * @throws {RulesError} `corrupt-log` when the payload is not what its type says, `newer-log` when a
 * newer program wrote it
 */
export function decodeEvent(stored: StoredEvent): RecordedEvent {
  if (!Object.hasOwn(schemas, stored.type)) {
    const message = `event ${stored.seq} has the unknown type ${stored.type}`;
    throw new RulesError('newer-log', `${message}: upgrade Starling here, a newer one wrote it`);
  }
  const type = stored.type as EventType;
  const decoded = decodeCanonical(stored.payload, EVENT_BYTES_MAX);
  const parsed = decoded.ok
    ? schemas[type].safeParse(upcast(type, decoded.value, stored.seq))
    : undefined;
  if (!parsed?.success) {
    throw new RulesError('corrupt-log', `event ${stored.seq} (${type}) does not decode`);
  }
  return { type, payload: parsed.data, seq: stored.seq, atMs: stored.atMs } as RecordedEvent;
}
