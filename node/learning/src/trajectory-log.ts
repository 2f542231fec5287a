import { LearningError } from './learning-error.ts';

/** What one query cost and brought. The caller reads the clocks. */
export interface Trajectory {
  /** Wall clock at the start. */
  readonly startedAtMs: number;
  readonly latencyMicros: number;
  readonly k: number;
  readonly efSearch: number;
  readonly distanceComputations: number;
  /** How many hits came back. */
  readonly hits: number;
}

/** What the kept trajectories have in common; percentiles by nearest rank. */
export interface TrajectorySummary {
  /** Trajectories that the log still holds. */
  readonly count: number;
  /** Trajectories that were ever recorded. */
  readonly recorded: number;
  readonly latencyP50Micros: number;
  readonly latencyP99Micros: number;
  readonly distanceComputationsMean: number;
}

export const TRAJECTORY_LIMITS = Object.freeze({ capacityDefault: 10_000, capacityMax: 1_000_000 });

/** The last trajectories of a site, in a ring that never grows. */
export class TrajectoryLog {
  readonly capacity: number;
  readonly #ring: Trajectory[] = [];
  #recorded = 0;

  /** @throws LearningError `invalid-option` unless 1 <= capacity <= capacityMax */
  constructor(capacity: number = TRAJECTORY_LIMITS.capacityDefault) {
    const { capacityMax } = TRAJECTORY_LIMITS;
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > capacityMax) {
      throw new LearningError(
        'invalid-option',
        `capacity = ${capacity} violates 1 <= capacity <= capacityMax = ${capacityMax}`,
      );
    }
    this.capacity = capacity;
  }

  /**
   * Adds a trajectory; when the ring is full it takes the place of the oldest.
   *
   * @throws LearningError `invalid-trajectory` when a number in it is negative or not finite
   */
  record(trajectory: Trajectory): void {
    for (const [field, value] of Object.entries(trajectory)) {
      if (Number.isFinite(value) && value >= 0) continue;
      throw new LearningError(
        'invalid-trajectory',
        `${field} = ${value} violates ${field} >= 0; nothing was recorded`,
      );
    }
    this.#ring[this.#recorded % this.capacity] = Object.freeze({ ...trajectory });
    this.#recorded++;
  }

  /** The kept trajectories, oldest first. */
  entries(): Trajectory[] {
    const oldest = this.#recorded > this.capacity ? this.#recorded % this.capacity : 0;
    return [...this.#ring.slice(oldest), ...this.#ring.slice(0, oldest)];
  }

  /** Summarises the kept trajectories; undefined while there are none. */
  summary(): TrajectorySummary | undefined {
    const count = this.#ring.length;
    if (count === 0) return undefined;
    const latencies = this.#ring.map((entry) => entry.latencyMicros).sort((a, b) => a - b);
    const computations = this.#ring.reduce((sum, entry) => sum + entry.distanceComputations, 0);
    return {
      count,
      recorded: this.#recorded,
      latencyP50Micros: nearestRank(latencies, 0.5),
      latencyP99Micros: nearestRank(latencies, 0.99),
      distanceComputationsMean: computations / count,
    };
  }
}

function nearestRank(ascending: readonly number[], share: number): number {
  const rank = Math.max(1, Math.ceil(share * ascending.length));
  return ascending[rank - 1] ?? Number.NaN;
}
