// A federated round as the coordinator opens it: everything a site needs to take part or refuse.

import { z } from 'zod';
import { digestSchema, memberIdSchema } from '../ids.ts';
import { MICROS, uint32Schema, uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { payloadRefSchema } from './payload-ref.ts';
import { ROSTER_MEMBERS_MAX } from './roster.ts';
import { trainingSettingsSchema } from './training-task.ts';

/** Models that may have been made since the one that a late update starts from, at most. */
export const STALENESS_MAX = 8;

const lateUpdatesSchema = z.strictObject({
  /** Whose update for which former round may answer this plan; sorted by member, once each. */
  members: z
    .array(z.strictObject({ member: memberIdSchema, round: uintSchema.min(1) }))
    .min(1)
    .max(ROSTER_MEMBERS_MAX),
  rounds: z
    .array(
      z.strictObject({
        /** Content root of the model that the round started from. */
        base: digestSchema,
        /** Body digest of its plan. */
        plan: digestSchema,
        round: uintSchema.min(1),
        /** Versions made since: such an update weighs 1/√(1 + staleness). */
        staleness: uintSchema.max(STALENESS_MAX),
      }),
    )
    .min(1)
    .max(ROSTER_MEMBERS_MAX),
});

export const roundPlanSchema = z.strictObject({
  /** Content root of the base model's parameters. */
  base: digestSchema,
  baseVersion: uintSchema,
  clippingNormMicros: uintSchema.min(1),
  /** Members asked to train, sorted. */
  cohort: z.array(memberIdSchema).min(1).max(ROSTER_MEMBERS_MAX),
  /**
   * Share of the registered examples, per million, below which the round fails; 0 when absent: none
   * is declared.
   */
  coverageMinMicros: uintSchema.max(MICROS).exactOptional(),
  /** Flat float32 parameters of the model. */
  elements: uintSchema.min(1),
  /** Updates that came too late for their own round and are not spent; none when absent. */
  late: lateUpdatesSchema.exactOptional(),
  /**
   * A certified version that this round makes the newest one again, without training; a round that
   * trains when absent.
   */
  restores: z.strictObject({ model: payloadRefSchema, version: uintSchema.min(1) }).exactOptional(),
  /** Body digest of the roster in force; its active peers are the voters. */
  roster: digestSchema,
  round: uintSchema.min(1),
  seed: uint32Schema,
  /**
   * Versions that a site may fall behind and its training of this round still counts in a later
   * one; 0 when absent: it ends when the round goes on without it.
   */
  stalenessMax: uintSchema.max(STALENESS_MAX).exactOptional(),
  training: trainingSettingsSchema,
  /** A duration, so that no two clocks need to agree. */
  trainWithinMs: uintSchema.min(1),
  /** Fewer updates than this fail the round. */
  updatesMin: uintSchema.min(1),
  /** With so many updates the round closes; when absent it waits for the whole cohort. */
  updatesTarget: uintSchema.min(1).exactOptional(),
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
