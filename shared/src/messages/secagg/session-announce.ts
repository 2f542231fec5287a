// RoundAnnounce of PSA-1: every setting of one secure aggregation. Its digest is the session, and
// the session keys every mask, so members that were told different settings never unmask together.

import { z } from 'zod';
import { bytesSchema } from '../../bytes.ts';
import { PARAMETERS_MAX } from '../../flat-tensor.ts';
import { digestSchema, memberIdSchema } from '../../ids.ts';
import { MICROS, uint32Schema, uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';

/** Most participants of one session; a federation's own limit is lower. */
export const SESSION_PARTICIPANTS_MAX = 1024;
/** With fewer, the sum of the others is one member's update. */
export const SESSION_PARTICIPANTS_MIN = 3;
/** Tries of one round, each with fresh keys. */
export const SESSION_ATTEMPTS_MAX = 5;
/** Largest weight of one site in a masked sum; n · weight · loss must fit 63 bits. */
export const WEIGHT_MAX = 1 << 24;

export const ringSchema = z.union([z.literal(32), z.literal(64)]);
/** Bits of the ring 2^r in which masked vectors are added. */
export type Ring = z.infer<typeof ringSchema>;

const shareMicros = uintSchema.max(MICROS);

/** Differential privacy of a masked sum; the parameters are public. */
export const sessionNoiseSchema = z.strictObject({
  mechanism: z.enum(['skellam', 'discrete-gaussian', 'central-gaussian']),
  /** Standard deviation of the sum's noise over the clipping norm, in millionths. */
  noiseMultiplierMicros: uintSchema.min(1),
  /** Public seed of the random rotation. */
  rotationSeed: digestSchema,
});
export type SessionNoise = z.infer<typeof sessionNoiseSchema>;

export const sessionGraphSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('complete') }),
  z.strictObject({
    /** Fixed after the roster, so that nobody grinds it. */
    beacon: digestSchema,
    degree: uintSchema.min(2),
    kind: z.literal('harary'),
  }),
]);
/** Who exchanges masks and shares with whom (SecAgg+, Bell et al. 2020). */
export type SessionGraph = z.infer<typeof sessionGraphSchema>;

export const sessionAnnounceSchema = z.strictObject({
  attempt: uintSchema.min(1).max(SESSION_ATTEMPTS_MAX),
  /** Bound of one coordinate, in millionths; larger ones are clipped and counted. */
  clipMicros: uintSchema.min(1),
  /** X-Wing public key that R4 is sealed to. */
  coordinatorKey: bytesSchema,
  /** Share of members that may collude with the coordinator, in millionths. */
  corruptMicros: shareMicros,
  /** Share of members that may drop out, in millionths. */
  dropMicros: shareMicros,
  elements: uintSchema.min(1).max(PARAMETERS_MAX),
  fractionBits: uint32Schema.max(40),
  graph: sessionGraphSchema,
  /** Groups are aggregated apart, so that robust rules can compare their means. */
  group: z.strictObject({ count: uintSchema.min(1), index: uintSchema }),
  /** Content root of the base model. */
  model: digestSchema,
  modelVersion: uintSchema,
  noise: sessionNoiseSchema.nullable(),
  /** Euclidean bound of one update before quantisation, in millionths. */
  normMicros: uintSchema.min(1),
  /** Sorted. */
  participants: z.array(memberIdSchema).min(SESSION_PARTICIPANTS_MIN).max(SESSION_PARTICIPANTS_MAX),
  phaseWithinMs: uintSchema.min(1),
  plan: digestSchema,
  ring: ringSchema,
  roster: digestSchema,
  round: uintSchema.min(1),
  /** Fewest members whose sum is opened. */
  survivorsMin: uintSchema.min(2),
  /** Shares that open a secret. */
  threshold: uintSchema.min(2),
  weightMax: uintSchema.min(1).max(WEIGHT_MAX),
});
export type SessionAnnounce = z.infer<typeof sessionAnnounceSchema>;

export const sessionAnnounce = defineMessage<SessionAnnounce>({
  type: 'announce',
  form: 'statement',
  topic: 'control',
  sender: 'coordinator',
  bodyBytesMax: 96 * 1024,
  lifetimeMs: 0,
  schema: sessionAnnounceSchema,
});
