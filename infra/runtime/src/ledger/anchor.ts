// What a reader of a ledger trusts: the federation that it was invited to, also long ago.

import { openGenesis } from '@starling/crypto';
import { RulesError, readFrame } from '@starling/rules';
import { type FederationId, invitation } from '@starling/shared';
import { RuntimeError } from '../runtime-error.ts';

/**
 * The federation of an invitation, whether it is still good for joining or not.
 * @throws {RuntimeError} `invalid-option`
 */
export function federationOfInvitation(bytes: Uint8Array): FederationId {
  try {
    const founded = openGenesis(readFrame(bytes, invitation).body.genesis);
    if (founded.ok) return founded.value.federation;
    throw new RulesError('corrupt-log', founded.refusal.detail);
  } catch (cause) {
    if (!(cause instanceof RulesError)) throw cause;
    const message = `the invitation does not hold (${cause.message}): give the federation's id instead`;
    throw new RuntimeError('invalid-option', message, { cause });
  }
}
