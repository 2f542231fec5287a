// Every message type of the wire, by name. A type that is not listed here does not exist.

import { aggregate } from './aggregate.ts';
import { evaluation } from './evaluation.ts';
import { genesis } from './genesis.ts';
import { invitation, joinRequest, joinResponse } from './invitation.ts';
import type { MessageDefinition } from './message-definition.ts';
import { modelUpdate } from './model-update.ts';
import { modelVote } from './model-vote.ts';
import { registration } from './registration.ts';
import { roster } from './roster.ts';
import { roundPlan } from './round-plan.ts';
import { roundStatus } from './round-status.ts';
import { versionRequest, versionResponse } from './version-request.ts';

const definitions = [
  aggregate,
  evaluation,
  genesis,
  invitation,
  joinRequest,
  joinResponse,
  modelUpdate,
  modelVote,
  registration,
  roster,
  roundPlan,
  roundStatus,
  versionRequest,
  versionResponse,
] as const;

export const MESSAGES: ReadonlyMap<string, MessageDefinition<unknown>> = new Map(
  definitions.map((definition) => [definition.type, definition as MessageDefinition<unknown>]),
);
