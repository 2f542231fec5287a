// Whether samples follow a distribution: Pearson's statistic, in deviations from what it should be.

/**
 * @param chances of the outcomes 0 … n−1; the rest of the probability is one more outcome
 * @returns about standard normal when the samples follow the chances
 */
export function chiSquareDeviations(
  samples: readonly number[],
  chances: readonly number[],
): number {
  const rest = 1 - chances.reduce((sum, chance) => sum + chance, 0);
  const cells = [...chances, rest].map((chance) => ({ chance, count: 0 }));
  for (const sample of samples) {
    const cell = cells[Math.min(sample, chances.length)];
    if (cell !== undefined) cell.count += 1;
  }
  const used = cells.filter(({ chance }) => chance * samples.length >= 5);
  let statistic = 0;
  for (const { chance, count } of used) {
    const expected = chance * samples.length;
    statistic += (count - expected) ** 2 / expected;
  }
  const freedom = used.length - 1;
  return (statistic - freedom) / Math.sqrt(2 * freedom);
}
