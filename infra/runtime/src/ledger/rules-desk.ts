// Rule sets at the command line: proposed at the running coordinator, signed by administrators alone.

import { openRulesRequest, signRulesRequest } from '@starling/rules';
import type { LedgerTerms } from '@starling/shared';
import { ledgerTermsSchema, z } from '@starling/shared';
import { LocalClient } from '../local-api/local-client.ts';
import { RuntimeError } from '../runtime-error.ts';
import { openSiteKeys } from '../site-keys.ts';
import type { RulesAnswer } from './ledger-api.ts';

export interface SignedRules {
  /** The request with this administrator's signature. */
  readonly request: Uint8Array;
  readonly name: string;
  readonly federation: string;
  readonly seq: number;
  readonly signed: number;
  readonly threshold: number;
  readonly current: LedgerTerms;
  readonly next: LedgerTerms;
}

/** @throws {RuntimeError} `invalid-option` naming the field that is wrong */
export function parseTerms(text: string, file: string): LedgerTerms {
  try {
    return ledgerTermsSchema.parse(JSON.parse(text));
  } catch (cause) {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    const where =
      issue === undefined ? 'it is no JSON' : `${issue.path.join('.')}: ${issue.message}`;
    const how = 'begin with what "starling ledger rules show --format json" has as terms';
    throw new RuntimeError('invalid-option', `${file} holds no rules (${where}): ${how}`, {
      cause,
    });
  }
}

/** Drafts the next rule set; in force where the coordinator's signature is enough. */
export async function proposeRules(home: string, terms: LedgerTerms): Promise<RulesAnswer> {
  const client = await LocalClient.open(home);
  return client.ask('coordinator', '/ledger/rules', { terms });
}

/** Hands the signatures of a request in at the running coordinator. */
export async function submitRules(home: string, request: Uint8Array): Promise<RulesAnswer> {
  const client = await LocalClient.open(home);
  const text = Buffer.from(request).toString('base64url');
  return client.ask('coordinator', '/ledger/rules/signatures', { request: text });
}

/**
 * Signs a request with the key of an administrator's folder, after checking all of it.
 * @throws {RuntimeError} `request-refused`
 */
export async function signRules(
  home: string,
  bytes: Uint8Array,
  passphrase?: Uint8Array,
): Promise<SignedRules> {
  const { identity } = await openSiteKeys(home, passphrase);
  const opened = openRulesRequest(bytes);
  if (!opened.ok) throw refuse(`the request does not hold: ${opened.refusal.detail}`);
  const { current, next, signatures, trust } = opened.value;
  const { federation, genesis } = trust;
  if (!genesis.administrators.some(({ member }) => member === identity.member)) {
    throw refuse(`the key of ${home} is no administrator of "${genesis.name}"`);
  }
  return {
    request: signRulesRequest(opened.value, identity),
    name: genesis.name,
    federation,
    seq: next.seq,
    signed: new Set([...signatures.keys(), identity.member]).size,
    threshold: genesis.threshold,
    current,
    next: next.terms,
  };
}

function refuse(message: string): RuntimeError {
  return new RuntimeError('request-refused', message);
}
