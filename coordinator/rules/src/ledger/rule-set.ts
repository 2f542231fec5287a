// The signed rule set: opened against the genesis, and its place in the chain of rule sets.

import type { Checked, LedgerRules, Refusal } from '@starling/shared';
import { ledgerRules, refusal, SIGNED_LEDGER_RULES_BYTES_MAX } from '@starling/shared';
import {
  type AdministratorTrust,
  type FormKind,
  type OpenedForm,
  openForm,
  readForm,
} from '../administrators/signed-form.ts';
import { RulesError } from '../rules-error.ts';
import type { Accounting } from './accounting.ts';

const RULE_SET: FormKind<LedgerRules> = Object.freeze({
  message: ledgerRules,
  name: 'rule set',
  bytesMax: SIGNED_LEDGER_RULES_BYTES_MAX,
});

/** Opens a rule set that enough administrators of the genesis signed. Never throws. */
export function openRuleSet(
  bytes: Uint8Array,
  trust: AdministratorTrust,
): Checked<OpenedForm<LedgerRules>> {
  return openForm(bytes, RULE_SET, trust);
}

/** Reads one that was verified when it was recorded. @throws {RulesError} `corrupt-log` */
export function readRuleSet(bytes: Uint8Array): OpenedForm<LedgerRules> {
  const opened = readForm(bytes, RULE_SET);
  if (!opened.ok) throw new RulesError('corrupt-log', opened.refusal.detail);
  return opened.value;
}

/** Why a rule set does not follow the one in force. */
export function ruleSetObjection(
  { rules }: Pick<Accounting, 'rules'>,
  next: LedgerRules,
): Refusal | undefined {
  const seq = (rules?.seq ?? 0) + 1;
  if (next.seq < seq) return refusal('replay', `rule set ${next.seq}, the next one is ${seq}`);
  if (next.seq > seq) return refusal('not-yet-valid', `rule set ${next.seq} comes before ${seq}`);
  if (next.previous === (rules?.digest ?? null)) return undefined;
  return refusal('equivocation', `rule set ${seq} follows another one than that in force`);
}
