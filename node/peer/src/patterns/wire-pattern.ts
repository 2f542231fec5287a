// Patterns as they are learned and as they are sent.

import type { SearchPattern } from '@starling/learning';
import type { Digest, Pattern } from '@starling/shared';

/** A pattern of the chain that nothing has taken the place of. */
export interface FinalPattern {
  /** Digest of its proposal. */
  readonly id: Digest;
  readonly pattern: Pattern;
  /** What it is certified to find. */
  readonly boundMicros: number;
}

export function fromWire({ centroid, collection: _, ...measured }: Pattern): SearchPattern {
  return { ...measured, centroid: new Int8Array(centroid) };
}

export function toWire({ centroid, ...measured }: SearchPattern, collection: string): Pattern {
  return { ...measured, centroid: new Uint8Array(centroid), collection };
}
