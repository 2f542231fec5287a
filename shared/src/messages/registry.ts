// Every message type of the wire, by name. A type that is not listed here does not exist.

import { aggregate } from './aggregate.ts';
import { auth } from './auth.ts';
import { binding, rotation } from './binding.ts';
import { chainBlock } from './consensus/chain-block.ts';
import { chainEntry } from './consensus/chain-entry.ts';
import { chainEvidence } from './consensus/chain-evidence.ts';
import { chainGenesis } from './consensus/chain-genesis.ts';
import { chainOpening } from './consensus/chain-opening.ts';
import { chainStall } from './consensus/chain-stall.ts';
import { chainStatus } from './consensus/chain-status.ts';
import { chainVote } from './consensus/chain-vote.ts';
import { patternAttestation } from './consensus/pattern-attestation.ts';
import { patternProposal } from './consensus/pattern-proposal.ts';
import { settingApproval, settingProposal } from './consensus/setting.ts';
import { evaluation } from './evaluation.ts';
import { genesis } from './genesis.ts';
import { invitation, joinRequest, joinResponse } from './invitation.ts';
import { ledgerStake, ledgerTransfer } from './ledger/ledger-order.ts';
import { ledgerRules } from './ledger/ledger-rules.ts';
import type { MessageDefinition } from './message-definition.ts';
import { modelUpdate } from './model-update.ts';
import { modelVote } from './model-vote.ts';
import { registration } from './registration.ts';
import { roster, rosterNotice, rosterRequest, rosterResponse } from './roster.ts';
import { roundPlan } from './round-plan.ts';
import { roundStatus } from './round-status.ts';
import {
  complaint,
  keyAdvertisement,
  maskedInput,
  shareBundle,
  survivors,
  unmaskShares,
} from './secagg/member-messages.ts';
import { sessionAnnounce } from './secagg/session-announce.ts';
import { sessionPhase } from './secagg/session-phase.ts';
import { siteReport } from './site-report.ts';
import { versionEvaluation } from './version-evaluation.ts';
import { versionRequest, versionResponse } from './version-request.ts';
import { withdrawal } from './withdrawal.ts';

const definitions = [
  aggregate,
  auth,
  chainBlock,
  chainEntry,
  chainEvidence,
  chainGenesis,
  chainOpening,
  chainStall,
  chainStatus,
  chainVote,
  complaint,
  binding,
  evaluation,
  versionEvaluation,
  genesis,
  invitation,
  joinRequest,
  joinResponse,
  keyAdvertisement,
  ledgerRules,
  ledgerStake,
  ledgerTransfer,
  maskedInput,
  modelUpdate,
  modelVote,
  patternAttestation,
  patternProposal,
  registration,
  roster,
  rosterNotice,
  rosterRequest,
  rosterResponse,
  rotation,
  roundPlan,
  roundStatus,
  sessionAnnounce,
  sessionPhase,
  settingApproval,
  settingProposal,
  shareBundle,
  siteReport,
  survivors,
  unmaskShares,
  versionRequest,
  versionResponse,
  withdrawal,
] as const;

export const MESSAGES: ReadonlyMap<string, MessageDefinition<unknown>> = new Map(
  definitions.map((definition) => [definition.type, definition as MessageDefinition<unknown>]),
);
