// The coordinator's signed answer to a phase of PSA-1: who is in. One per session and phase; a
// second, different one is equivocation.

import { z } from 'zod';
import { digestSchema, memberIdSchema } from '../../ids.ts';
import { defineMessage } from '../message-definition.ts';
import { SESSION_PARTICIPANTS_MAX } from './session-announce.ts';

/** What members do next: share secrets, mask, sign the survivors, open the masks. */
export const SESSION_PHASES = ['sharing', 'masking', 'signing', 'unmasking'] as const;

export const sessionPhaseSchema = z.strictObject({
  /** U1, U2, U3, or the signers of U3; sorted. */
  members: z.array(memberIdSchema).min(1).max(SESSION_PARTICIPANTS_MAX),
  phase: z.enum(SESSION_PHASES),
  /**
   * What the members said in the phase before: digest over each member's id and message, in order;
   * `phaseRoot` in crypto gives it. For `unmasking` the digest of the certified survivors.
   */
  root: digestSchema,
  session: digestSchema,
});
export type SessionPhase = z.infer<typeof sessionPhaseSchema>;
export type SessionPhaseName = SessionPhase['phase'];

export const sessionPhase = defineMessage<SessionPhase>({
  type: 'phase',
  form: 'statement',
  topic: 'control',
  sender: 'coordinator',
  bodyBytesMax: 96 * 1024,
  lifetimeMs: 0,
  schema: sessionPhaseSchema,
});
