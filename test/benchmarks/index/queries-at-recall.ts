export interface RecallPoint {
  readonly recall: number;
  readonly queriesPerSecond: number;
}

/**
 * The rate at which a contender answers when it is set as loosely as the target allows: between two
 * measured settings the logarithm of the rate is taken as linear in recall. A contender whose
 * loosest setting is above the target counts with that one; nothing is extrapolated.
 *
 * @returns `undefined` when no setting reaches the target
 */
export function queriesAtRecall(
  points: readonly RecallPoint[],
  target: number,
): number | undefined {
  const best = frontier(points);
  const above = best.findIndex(({ recall }) => recall >= target);
  const right = best[above];
  const left = best[above - 1];
  if (right === undefined || left === undefined) return right?.queriesPerSecond;
  const share = (target - left.recall) / (right.recall - left.recall);
  const logarithm =
    (1 - share) * Math.log(left.queriesPerSecond) + share * Math.log(right.queriesPerSecond);
  return Math.exp(logarithm);
}

/** The points that no other beats in both, by rising recall and falling rate. */
function frontier(points: readonly RecallPoint[]): RecallPoint[] {
  const byRate = [...points].sort(
    (a, b) => b.queriesPerSecond - a.queriesPerSecond || b.recall - a.recall,
  );
  const best: RecallPoint[] = [];
  for (const point of byRate) {
    if (point.recall > (best.at(-1)?.recall ?? Number.NEGATIVE_INFINITY)) best.push(point);
  }
  return best;
}
