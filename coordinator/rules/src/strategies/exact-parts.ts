// float64 vectors as three float32 vectors whose sum is exact, for states that are float32 records.

/** Value, rest and rest of the rest; exact above 2⁻¹⁰⁰ and below float32's largest number. */
export function exactParts(values: Float64Array): readonly Float32Array[] {
  const rest = values.slice();
  return [0, 1, 2].map(() => {
    const part = Float32Array.from(rest);
    for (let i = 0; i < rest.length; i++) rest[i] = (rest[i] as number) - (part[i] as number);
    return part;
  });
}

/** What `exactParts` took apart. */
export function sumOfParts(parts: readonly Float32Array[]): Float64Array {
  const sum = new Float64Array(parts[0]?.length ?? 0);
  for (const part of [...parts].reverse()) {
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (part[i] as number);
  }
  return sum;
}
