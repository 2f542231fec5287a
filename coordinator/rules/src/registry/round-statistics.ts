// What a round's updates say of how they were trained, as one sum.

import type { RoundState } from '../round-state.ts';

export interface RoundStatistics {
  readonly examples: number;
  /** Example-weighted means, in millionths. */
  readonly lossFirstMicros: number;
  readonly lossLastMicros: number;
}

/** A masked sum tells them itself; of a plain round they follow from the updates. */
export function roundStatistics({ aggregate, updates }: RoundState): RoundStatistics {
  const told = aggregate?.body.statistics;
  if (told !== undefined && told !== null) {
    const { examples, lossFirstMicros, lossLastMicros } = told;
    return { examples, lossFirstMicros, lossLastMicros };
  }
  const bodies = [...updates.values()].map(({ body }) => body);
  const examples = bodies.reduce((sum, body) => sum + body.examples, 0);
  const mean = (field: 'lossFirstMicros' | 'lossLastMicros') =>
    examples === 0
      ? 0
      : Math.round(bodies.reduce((sum, body) => sum + body[field] * body.examples, 0) / examples);
  const [lossFirstMicros, lossLastMicros] = [mean('lossFirstMicros'), mean('lossLastMicros')];
  return { examples, lossFirstMicros, lossLastMicros };
}
