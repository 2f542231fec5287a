// Every message type of the wire, by name. A type that is not listed here does not exist.

import { aggregate } from './aggregate.ts';
import { auth } from './auth.ts';
import { binding, rotation } from './binding.ts';
import { evaluation } from './evaluation.ts';
import { genesis } from './genesis.ts';
import { invitation, joinRequest, joinResponse } from './invitation.ts';
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
import { versionRequest, versionResponse } from './version-request.ts';

const definitions = [
  aggregate,
  auth,
  complaint,
  binding,
  evaluation,
  genesis,
  invitation,
  joinRequest,
  joinResponse,
  keyAdvertisement,
  maskedInput,
  modelUpdate,
  modelVote,
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
  shareBundle,
  survivors,
  unmaskShares,
  versionRequest,
  versionResponse,
] as const;

export const MESSAGES: ReadonlyMap<string, MessageDefinition<unknown>> = new Map(
  definitions.map((definition) => [definition.type, definition as MessageDefinition<unknown>]),
);
