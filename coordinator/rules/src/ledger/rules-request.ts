// A drafted rule set as a file that goes from administrator to administrator: with what each needs
// to check it alone, and the signatures so far.

import { decodeAs, digestOf, encodeBody, type Identity, openGenesis } from '@starling/crypto';
import type { Checked, Digest, LedgerRules, LedgerTerms, MemberId } from '@starling/shared';
import { bytesSchema, checked, encodeCanonical, ledgerRules, refused, z } from '@starling/shared';
import {
  type AdministratorTrust,
  encodeForm,
  isSignedBy,
  signaturesSchema,
  withSignatureOf,
} from '../administrators/signed-form.ts';
import type { FederationState } from '../federation-state.ts';
import { genesisTerms } from './accounting.ts';
import { openRuleSet, ruleSetObjection } from './rule-set.ts';

export const RULES_REQUEST_BYTES_MAX = 512 * 1024;

const schema = z.strictObject({
  body: bytesSchema,
  /** The signed rule set in force; null while the genesis' rewards are the rules. */
  current: bytesSchema.nullable(),
  genesis: bytesSchema,
  signatures: signaturesSchema,
});

export interface RulesRequest {
  readonly trust: AdministratorTrust;
  /** Terms in force until these are. */
  readonly current: LedgerTerms;
  readonly next: LedgerRules;
  readonly bodyDigest: Digest;
  readonly signatures: ReadonlyMap<MemberId, Uint8Array>;
  readonly content: z.infer<typeof schema>;
}

/** Terms as the next rule set of a federation, signed by nobody yet. */
export function draftRules(state: FederationState, terms: LedgerTerms): Uint8Array {
  const { accounting, genesisFrame } = state;
  const { rules } = accounting;
  const body = encodeBody(ledgerRules, {
    previous: rules?.digest ?? null,
    seq: (rules?.seq ?? 0) + 1,
    terms,
  });
  const current = rules?.frame ?? null;
  return encodeCanonical({ body, current, genesis: genesisFrame, signatures: [] });
}

/**
 * Opens a request and checks all that an administrator answers for: the genesis, the rule set in
 * force, that the next one follows it, and the signatures so far. Whether the terms are wanted is for
 * the person to see. Never throws.
 */
export function openRulesRequest(bytes: Uint8Array): Checked<RulesRequest> {
  const decoded = decodeAs(bytes, schema, 'request', RULES_REQUEST_BYTES_MAX);
  if (!decoded.ok) return decoded;
  const content = decoded.value;
  const founded = openGenesis(content.genesis);
  if (!founded.ok) return founded;
  const { federation, genesis } = founded.value;
  const trust = { federation, genesis: genesis.body };
  const current = content.current === null ? undefined : openRuleSet(content.current, trust);
  if (current?.ok === false) return current;
  const body = decodeAs(content.body, ledgerRules.schema, 'rule set', ledgerRules.bodyBytesMax);
  if (!body.ok) return body;
  const known = current?.value;
  const rules = known && {
    seq: known.body.seq,
    digest: known.bodyDigest,
    frame: content.current ?? new Uint8Array(),
  };
  const objection = ruleSetObjection({ rules }, body.value);
  if (objection !== undefined) return { ok: false, refusal: objection };
  const odd = content.signatures.find(
    (each) => !isSignedBy(ledgerRules, trust, content.body, each),
  );
  if (odd !== undefined) {
    return refused('bad-signature', `the signature of ${odd.member} does not hold`);
  }
  return checked({
    trust,
    current: known?.body.terms ?? genesisTerms(trust.genesis),
    next: body.value,
    bodyDigest: digestOf(content.body),
    signatures: new Map(content.signatures.map(({ member, signature }) => [member, signature])),
    content,
  });
}

/** The request with one more signature. @throws {TypeError} when the identity is no administrator */
export function signRulesRequest(request: RulesRequest, identity: Identity): Uint8Array {
  const { content, trust } = request;
  const signatures = withSignatureOf(identity, ledgerRules, trust, content);
  return encodeCanonical({ ...content, signatures });
}

/** The rule set with the signatures of a request, as it counts once they are enough. */
export function ruleSetOf({ content, signatures }: RulesRequest): Uint8Array {
  return encodeForm(content.body, signatures);
}
