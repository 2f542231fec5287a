import { CandidateList } from './candidate-list.ts';
import { DistanceHeap } from './distance-heap.ts';
import { VisitedMarks } from './visited-marks.ts';

/**
 * The working memory of one index, reused by every search and every insertion. Searches are
 * synchronous, so one is enough.
 */
export class SearchScratch {
  readonly visited = new VisitedMarks();
  /** C of Algorithm 2, nearest on top. */
  readonly candidates = new DistanceHeap();
  /** W of Algorithm 2 under negated ranks: farthest on top. */
  readonly results = new DistanceHeap();
  /** What the last search of a layer found, nearest first. */
  readonly found = new CandidateList();
  /** Neighbours about to be chosen from, nearest first. */
  readonly pool = new CandidateList();
  /** What the neighbour selection chose. */
  readonly chosen = new CandidateList();
  /** What it discarded and may keep after all. */
  readonly discarded = new CandidateList();
  /** The query as rows are stored, `[dimension]`. */
  readonly query: Float32Array;
  distanceComputations = 0;

  constructor(dimension: number) {
    this.query = new Float32Array(dimension);
  }
}
