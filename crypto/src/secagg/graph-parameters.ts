// How many neighbours and shares a masked sum needs. A complete graph follows Bonawitz et al. (2017),
// section 6.2; a Harary graph the union bounds of Bell et al., SecAgg+ (2020), with hypergeometric
// tails: private but for probability 2^-40, alive but for 2^-20, over everyone together.

import { HypergeometricBound, LogChoose } from './hypergeometric.ts';

/** `active`: the server and the corrupt members lie. `semi-honest`: they follow the protocol. */
export type AdversaryClass = 'active' | 'semi-honest';

export interface GraphRequirements {
  readonly participants: number;
  /** Largest share of members that collude with the server, from 0 to below 1. */
  readonly corruptShare: number;
  /** Largest share of members that drop out, from 0 to below 1. */
  readonly dropShare: number;
  readonly adversary: AdversaryClass;
}

export interface GraphParameters {
  /** Neighbours of each member; even. */
  readonly degree: number;
  /** Shares that open a secret, of which each member and its neighbours hold one. */
  readonly threshold: number;
}

/** Shares that a secret needs when up to `corruptNeighbours` of its holders are corrupt. */
export type ThresholdRule = (degree: number, corruptNeighbours: number) => number;

/** Beyond this degree the search ends: a denser graph is no cheaper than a complete one. */
export const DEGREE_MAX = 1 << 15;

/**
 * The least degree of a Harary graph and its threshold, `undefined` when there is none below
 * `participants - 1` and `DEGREE_MAX`; then use the complete graph. A degree above 254 is beyond
 * `splitSecret`, which the caller checks.
 * @throws {RangeError} for shares outside 0 … 1 or fewer than 3 participants.
 */
export function findGraphParameters(requirements: GraphRequirements): GraphParameters | undefined {
  assertRequirements(requirements);
  const { corruptShare, dropShare, adversary } = requirements;
  const isActive = adversary === 'active';
  if (corruptShare + (isActive ? 2 : 1) * dropShare >= 1) return undefined;
  return findWithRule(requirements, isActive ? activeThreshold : semiHonestThreshold);
}

/** As `findGraphParameters` under another rule for the threshold. */
export function findWithRule(
  requirements: Omit<GraphRequirements, 'adversary'>,
  thresholdOf: ThresholdRule,
): GraphParameters | undefined {
  assertRequirements(requirements);
  const { participants, corruptShare, dropShare } = requirements;
  const corrupt = membersOf(corruptShare, participants);
  const dropped = membersOf(dropShare, participants);
  const choose = new LogChoose(participants);
  const logPerMember = -Math.log(participants);
  const bounds = {
    cut: new RingCut(choose, corrupt + dropped),
    corrupt: new HypergeometricBound(choose, corrupt, PRIVACY_PER_EVENT + logPerMember),
    dropped: new HypergeometricBound(choose, dropped, LIVENESS + logPerMember),
  };
  const degreeMax = Math.min(participants - 2, DEGREE_MAX);
  for (let degree = 2; degree <= degreeMax; degree += 2) {
    const survivingNeighbours = degree - bounds.dropped.at(degree);
    const threshold = thresholdOf(degree, bounds.corrupt.at(degree));
    if (threshold <= survivingNeighbours && bounds.cut.logProbability(degree) < PRIVACY_PER_EVENT) {
      return { degree, threshold };
    }
  }
  return undefined;
}

/** The threshold of a complete graph against an active server: 2t > participants + corrupt. */
export function completeThreshold(participants: number, corrupt: number): number {
  return Math.floor((participants + corrupt) / 2) + 1;
}

/** Most corrupt members that a complete graph stands: fewer than a third. */
export function corruptMax(participants: number): number {
  return Math.floor((participants - 1) / 3);
}

/** Statistical security 2^-40, half for each way to lose privacy. */
const PRIVACY_PER_EVENT = -41 * Math.LN2;
const LIVENESS = -20 * Math.LN2;

/** The degree + 1 holders of a secret: no two disjoint sets of honest ones open it twice. */
function activeThreshold(degree: number, corruptNeighbours: number): number {
  return completeThreshold(degree + 1, corruptNeighbours);
}

function semiHonestThreshold(_degree: number, corruptNeighbours: number): number {
  return Math.max(2, corruptNeighbours + 1);
}

/** A ring falls apart where two runs of degree / 2 consecutive members are gone. */
class RingCut {
  readonly #choose: LogChoose;
  readonly #chooseGone: LogChoose;

  constructor(choose: LogChoose, gone: number) {
    this.#choose = choose;
    this.#chooseGone = new LogChoose(gone);
  }

  /** Bound over all n(n - degree - 1)/2 pairs of runs, natural logarithm. */
  logProbability(degree: number): number {
    const { n } = this.#choose;
    const logPairs = Math.log(n) + Math.log(n - degree - 1) - Math.LN2;
    return logPairs + this.#chooseGone.of(degree) - this.#choose.of(degree);
  }
}

/** Whole members of a share; 0.29 × 100 is 29, although its float64 is less. */
function membersOf(share: number, participants: number): number {
  return Math.floor((share + 1e-14) * participants);
}

function assertRequirements(requirements: Omit<GraphRequirements, 'adversary'>): void {
  const { participants, corruptShare, dropShare } = requirements;
  if (!Number.isSafeInteger(participants) || participants < 3) {
    throw new RangeError(`a masked sum of ${participants} participants, it takes at least 3`);
  }
  for (const [name, share] of Object.entries({ corruptShare, dropShare })) {
    if (!(share >= 0 && share < 1)) throw new RangeError(`${name} ${share} is not in [0, 1)`);
  }
}
