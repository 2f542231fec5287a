// Two statements of one member that exclude each other. Both are signed, so whoever holds them needs
// nobody's word for the fault.

import { objectionToStatement } from '@starling/crypto';
import type { LedgerTerms, MemberId } from '@starling/shared';
import { modelUpdate, modelVote } from '@starling/shared';
import { readFrame, typeOfFrame } from '../read-frame.ts';
import { readStatement, type SessionRecord } from '../session-record.ts';

export interface ProvenFault {
  readonly kind: keyof LedgerTerms['slashing'];
  readonly member: MemberId;
  /** The same for every proof of this fault. */
  readonly name: string;
}

/**
 * The fault that two verified frames prove: two votes for one version, or two updates for one plan.
 * Undefined when they do not exclude each other.
 * @throws {RulesError} `corrupt-log` for what is no vote and no update
 */
export function faultOf(first: Uint8Array, second: Uint8Array): ProvenFault | undefined {
  if (typeOfFrame(first) === modelVote.type) {
    const [a, b] = [readFrame(first, modelVote), readFrame(second, modelVote)];
    const isSame = a.sender === b.sender && a.body.version === b.body.version;
    if (!isSame || a.bodyDigest === b.bodyDigest) return undefined;
    return named('vote', a.sender, String(a.body.version));
  }
  const [a, b] = [readFrame(first, modelUpdate), readFrame(second, modelUpdate)];
  const isSame = a.sender === b.sender && a.body.plan === b.body.plan;
  if (!isSame || a.bodyDigest === b.bodyDigest) return undefined;
  return named('update', a.sender, a.body.plan);
}

/** The fault that a statement proves against the one on record in its session. */
export function sessionFaultOf(
  { state }: SessionRecord,
  frame: Uint8Array,
): ProvenFault | undefined {
  const statement = readStatement(frame);
  const known = { ...state, equivocated: new Map(), failed: undefined };
  const objection = objectionToStatement(known, statement);
  if (objection?.reason !== 'equivocation') return undefined;
  return named('session', statement.member, state.session.id);
}

function named(kind: ProvenFault['kind'], member: MemberId, about: string): ProvenFault {
  return { kind, member, name: `${kind}:${about}:${member}` };
}
