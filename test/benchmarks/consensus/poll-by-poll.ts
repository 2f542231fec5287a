// Two straightforward simulators of the same law, to compare with: every poll by itself.

import { hypergeometricTail, Xoshiro128 } from '@starling/consensus';

export interface PolledNetwork {
  readonly n: number;
  readonly k: number;
  readonly alphaPreference: number;
  readonly alphaConfidence: number;
  readonly beta: number;
}

/** Polls until all peers are final, from an even split without corrupt peers. */
export interface PolledRun {
  readonly polls: number;
  readonly rounds: number;
}

/** Answers for colour 0 that the poll of one peer found. */
type Poll = (prefers: Uint8Array, random: Xoshiro128) => number;

/** k different peers drawn into a set, their preferences counted: what one writes first. */
export function pollPeers(network: PolledNetwork, seed: number): PolledRun {
  const { k, n } = network;
  return runRounds(network, seed, () => (prefers, random) => {
    const asked = new Set<number>();
    while (asked.size < k) asked.add(random.below(n));
    let zeros = 0;
    for (const peer of asked) if (prefers[peer] === 0) zeros++;
    return zeros;
  });
}

/** One uniform number for each poll, looked up in the round's hypergeometric distribution. */
export function pollByTable(network: PolledNetwork, seed: number): PolledRun {
  const { alphaConfidence, alphaPreference, k, n } = network;
  // Any count between two thresholds does what the lowest of them does.
  const counts = [
    k - alphaConfidence,
    k - alphaPreference,
    alphaPreference - 1,
    alphaConfidence - 1,
  ];
  return runRounds(network, seed, (support) => {
    const above = counts.map((count) => hypergeometricTail(n, support, k, count + 1));
    const [a = 0, b = 0, c = 0, d = 0] = above;
    return (_prefers, random) => {
      const point = random.nextUnit();
      if (point < d) return alphaConfidence;
      if (point < c) return alphaPreference;
      if (point < b) return k - alphaPreference + 1;
      return point < a ? k - alphaPreference : k - alphaConfidence;
    };
  });
}

function runRounds(
  { alphaConfidence, alphaPreference, beta, k, n }: PolledNetwork,
  seed: number,
  pollOf: (support: number) => Poll,
): PolledRun {
  const random = Xoshiro128.seeded(seed);
  let prefers = Uint8Array.from({ length: n }, (_, peer) => peer % 2);
  const confidence = new Uint16Array(n);
  let polls = 0;
  for (let rounds = 0; ; rounds++) {
    let support = 0;
    for (const colour of prefers) support += 1 - colour;
    const poll = pollOf(support);
    const next = prefers.slice();
    let open = 0;
    for (let peer = 0; peer < n; peer++) {
      if ((confidence[peer] as number) >= beta) continue;
      open++;
      const zeros = poll(prefers, random);
      const count = Math.max(zeros, k - zeros);
      const choice = zeros * 2 > k ? 0 : 1;
      const isSame = choice === prefers[peer];
      if (count >= alphaPreference) next[peer] = choice;
      const grown = isSame ? (confidence[peer] as number) + 1 : 1;
      confidence[peer] = count >= alphaConfidence ? grown : 0;
    }
    if (open === 0) return { polls, rounds };
    polls += open;
    prefers = next;
  }
}
