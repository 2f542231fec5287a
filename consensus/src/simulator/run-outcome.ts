// What one seeded run came to, and the loop that all lock-step levels share.

/** `conflict`: two honest peers finalised differently; `undecided`: some did not finalise. */
export type RunEnding = 'agreed' | 'conflict' | 'undecided';

export interface LockStepRun {
  readonly ending: RunEnding;
  /** Rounds until the first honest peer was final; undefined when none was. */
  readonly first: number | undefined;
  /** Rounds until the last honest peer was final, the conflict, or the end of patience. */
  readonly last: number;
  readonly polls: number;
  /** Share of honest peers that prefer colour 0: before the first round and after each. */
  readonly shares: readonly number[];
}

/** A run at any level, with what it cost. */
export interface SimulatedRun {
  readonly ending: RunEnding;
  /** Rounds (milliseconds at level `message`) until the first honest peer was final. */
  readonly first: number | null;
  /** Until the last one was, until the conflict, or until the run was given up. */
  readonly last: number;
  readonly polls: number;
  readonly messages: number;
  readonly bytes: number;
  /** Share of honest peers that prefer colour 0: by round, at level `message` by round trip. */
  readonly shares: readonly number[];
}

export interface LockStepNetwork {
  readonly honest: number;
  readonly roundsMax: number;
  /** Honest peers that are final for each colour, as `step` leaves them. */
  readonly final: readonly [number, number];
  /** Share of the honest that prefer colour 0. */
  share(): number;
  step(): void;
}

/** Rounds until all are final, two disagree, or `roundsMax`. */
export function recordRun(network: LockStepNetwork): LockStepRun {
  const { final, honest, roundsMax } = network;
  const shares = [network.share()];
  let polls = 0;
  let first: number | undefined;
  let round = 0;
  while (round < roundsMax && final[0] + final[1] < honest && !(final[0] > 0 && final[1] > 0)) {
    polls += honest - final[0] - final[1];
    network.step();
    shares.push(network.share());
    round++;
    if (first === undefined && final[0] + final[1] > 0) first = round;
  }
  const isConflict = final[0] > 0 && final[1] > 0;
  const undecided = final[0] + final[1] < honest ? 'undecided' : 'agreed';
  return { ending: isConflict ? 'conflict' : undecided, first, last: round, polls, shares };
}
