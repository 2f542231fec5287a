// Versions of the events' payloads. An event is written in the newest one and read in any: what an
// older program wrote is brought up one version after the other, what a newer one wrote is refused.

import type { CborValue } from '@starling/shared';
import { RulesError } from '../rules-error.ts';

/** Field of a payload that names its version; absent in version 1. */
const VERSION_FIELD = 'schemaVersion';

type Payload = { readonly [field: string]: CborValue };
/** Makes a payload of one version into one of the next. */
type Upcaster = (payload: Payload) => Payload;

/** The first of a type's brings version 1 to 2. Invariant: none is ever changed or taken away. */
const UPCASTERS: { readonly [type: string]: readonly Upcaster[] } = {
  /** Before runs could stop early. */
  'run-planned': [(payload) => ({ ...payload, stopping: null })],
};

/** Version in which this program writes events of a type. */
export function schemaVersionOf(type: string): number {
  return 1 + upcastersOf(type).length;
}

/** A payload as it is stored. */
export function withSchemaVersion(type: string, payload: Payload): Payload {
  const version = schemaVersionOf(type);
  return version === 1 ? payload : { ...payload, [VERSION_FIELD]: version };
}

/**
 * A stored payload in the newest version; anything that is no payload comes back as it is.
 * @throws {RulesError} `newer-log` for a version that this program does not know
 */
export function upcast(type: string, stored: CborValue, seq: number): CborValue {
  if (!isPayload(stored)) return stored;
  const { [VERSION_FIELD]: named, ...payload } = stored;
  if (named !== undefined && !isLaterVersion(named)) return stored;
  const version = named ?? 1;
  const newest = schemaVersionOf(type);
  if (version > newest) {
    const found = `event ${seq} (${type}) has schema version ${version}`;
    const message = `${found}, this program reads up to ${newest}: upgrade Starling here`;
    throw new RulesError('newer-log', message);
  }
  return upcastersOf(type)
    .slice(version - 1)
    .reduce((older, upcaster) => upcaster(older), payload as Payload);
}

function upcastersOf(type: string): readonly Upcaster[] {
  return Object.hasOwn(UPCASTERS, type) ? (UPCASTERS[type] ?? []) : [];
}

function isPayload(value: CborValue): value is Payload {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}

/** Version 1 has one way to be written: without the field. */
function isLaterVersion(value: CborValue): value is number {
  return typeof value === 'number' && value >= 2;
}
