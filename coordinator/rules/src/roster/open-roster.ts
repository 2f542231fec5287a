// A roster counts with the signatures of enough administrators over its body.

import { decodeAs } from '@starling/crypto';
import type { Checked, MemberId, Roster } from '@starling/shared';
import { roster, SIGNED_ROSTER_BYTES_MAX } from '@starling/shared';
import {
  type AdministratorTrust,
  encodeForm,
  type FormKind,
  type OpenedForm,
  openForm,
  readForm,
} from '../administrators/signed-form.ts';
import { RulesError } from '../rules-error.ts';
import { rosterObjection } from './check-roster.ts';

/** What a roster is checked against. */
export type RosterTrust = AdministratorTrust;

/** Its digest names the roster in plans and in the roster after it. */
export type OpenedRoster = OpenedForm<Roster>;

const ROSTER: FormKind<Roster> = Object.freeze({
  message: roster,
  name: 'roster',
  bytesMax: SIGNED_ROSTER_BYTES_MAX,
});

/**
 * Opens a signed roster: canonical form, well-formed body, signatures of `threshold` different
 * administrators of the genesis. Its place in the chain and its end are the caller's to check.
 * Never throws.
 */
export function openRoster(bytes: Uint8Array, trust: RosterTrust): Checked<OpenedRoster> {
  const opened = openForm(bytes, ROSTER, trust);
  if (!opened.ok) return opened;
  const objection = rosterObjection(opened.value.body, trust.genesis);
  return objection === undefined ? opened : { ok: false, refusal: objection };
}

/** Reads a roster that was verified when it was recorded. @throws {RulesError} `corrupt-log` */
export function readRoster(bytes: Uint8Array): OpenedRoster {
  const opened = readForm(bytes, ROSTER);
  if (!opened.ok) throw new RulesError('corrupt-log', opened.refusal.detail);
  return opened.value;
}

/** The form in which a roster travels. */
export function encodeSignedRoster(
  body: Uint8Array,
  signatures: ReadonlyMap<MemberId, Uint8Array>,
): Uint8Array {
  return encodeForm(body, signatures);
}

/** A roster's body bytes. @throws {RulesError} `corrupt-log` */
export function readRosterBody(bodyBytes: Uint8Array): Roster {
  const body = decodeAs(bodyBytes, roster.schema, 'roster', roster.bodyBytesMax);
  if (!body.ok) throw new RulesError('corrupt-log', body.refusal.detail);
  return body.value;
}
