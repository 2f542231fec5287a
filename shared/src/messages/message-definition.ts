// What every message type declares: its domain, its edge limits, who may send it, where.

import type { z } from 'zod';
import type { CborValue } from '../canonical-cbor.ts';

export const WIRE_VERSION = 1;

/** Gossip topics; `direct` messages travel on request streams only. */
export type Topic = 'control' | 'site' | 'vote' | 'consensus' | 'direct';
export const GOSSIP_TOPICS = ['control', 'site', 'vote', 'consensus'] as const;

/**
 * `envelope`: bound to sender, sequence and expiry. `statement`: a fixed sentence without either,
 * so that certificates stay compact and verifiable for ever.
 */
export type Form = 'envelope' | 'statement';

/** `member`: the coordinator or a peer. */
export type SenderRole = 'administrator' | 'coordinator' | 'peer' | 'member' | 'applicant';

export interface MessageDefinition<T> {
  readonly type: string;
  readonly form: Form;
  readonly topic: Topic;
  readonly sender: SenderRole;
  /** Largest accepted body, in bytes. */
  readonly bodyBytesMax: number;
  /** How long an envelope is valid; statements have no expiry. */
  readonly lifetimeMs: number;
  readonly schema: z.ZodType<T>;
}

/** A definition whose body type follows from its schema. */
export function defineMessage<T extends CborValue>(
  definition: MessageDefinition<T>,
): MessageDefinition<T> {
  return Object.freeze(definition);
}

/** The body type of a definition. */
export type BodyOf<D> = D extends MessageDefinition<infer T> ? T : never;

/** FIPS 204 context string of a message type. */
export function signingContext(type: string): string {
  return `starling/${type}/v${WIRE_VERSION}`;
}
