// A federated round as the coordinator opens it: everything a site needs to take part or refuse.

import { z } from 'zod';
import { digestSchema, memberIdSchema } from '../ids.ts';
import { uint32Schema, uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { ROSTER_MEMBERS_MAX } from './roster.ts';
import { trainingSettingsSchema } from './training-task.ts';

export const roundPlanSchema = z.strictObject({
  /** Content root of the base model's parameters. */
  base: digestSchema,
  baseVersion: uintSchema,
  clippingNormMicros: uintSchema.min(1),
  /** Members asked to train, sorted. */
  cohort: z.array(memberIdSchema).min(1).max(ROSTER_MEMBERS_MAX),
  /** Flat float32 parameters of the model. */
  elements: uintSchema.min(1),
  /** Body digest of the roster in force; its active peers are the voters. */
  roster: digestSchema,
  round: uintSchema.min(1),
  seed: uint32Schema,
  training: trainingSettingsSchema,
  /** A duration, so that no two clocks need to agree. */
  trainWithinMs: uintSchema.min(1),
  /** Fewer updates than this fail the round. */
  updatesMin: uintSchema.min(1),
  /** Members whose votes count, sorted; the quorum follows from their number. */
  voters: z.array(memberIdSchema).min(1).max(ROSTER_MEMBERS_MAX),
});

export type RoundPlan = z.infer<typeof roundPlanSchema>;

/** A statement, so that the log and every replica hold one plan per round for ever. */
export const roundPlan = defineMessage<RoundPlan>({
  type: 'round-plan',
  form: 'statement',
  topic: 'control',
  sender: 'coordinator',
  bodyBytesMax: 32_768,
  lifetimeMs: 0,
  schema: roundPlanSchema,
});
