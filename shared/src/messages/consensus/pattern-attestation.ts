// What a member measured of a proposed pattern on its own held-out queries. A member attests a
// proposal once; two verdicts of one member are evidence against it.

import { z } from 'zod';
import { digestSchema } from '../../ids.ts';
import { MICROS, uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';
import { collectionSchema } from './names.ts';

export const ATTESTATION_VERDICTS = ['accept', 'reject', 'abstain'] as const;
export type AttestationVerdict = (typeof ATTESTATION_VERDICTS)[number];

/** The fields of an attestation beside what it is about. */
export const measurementShape = {
  /** Median cost over that of the member's current parameters. */
  costRatioMicros: uintSchema,
  /** The member's held-out queries within the pattern's radius. */
  queries: uintSchema,
  /** One-sided 95% lower bound: mean − 1.645 · deviation / √queries. */
  recallBoundMicros: uintSchema.max(MICROS),
  /** Mean recall of those queries. */
  recallMicros: uintSchema.max(MICROS),
  verdict: z.enum(ATTESTATION_VERDICTS),
};

export const patternAttestationSchema = z.strictObject({
  ...measurementShape,
  collection: collectionSchema,
  /** Body digest of the proposal. */
  proposal: digestSchema,
});
export type PatternAttestation = z.infer<typeof patternAttestationSchema>;

/** A statement without epoch: a measurement stays true when the members change. */
export const patternAttestation = defineMessage<PatternAttestation>({
  type: 'pattern-attestation',
  form: 'statement',
  topic: 'consensus',
  sender: 'peer',
  bodyBytesMax: 1024,
  lifetimeMs: 0,
  schema: patternAttestationSchema,
});
