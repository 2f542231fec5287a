import { checkInteger } from '../check-input.ts';
import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { isIvfVectorType, LISTS_MAX } from '../ivf/ivf-options.ts';
import type { VectorType } from '../vector-index.ts';
import {
  type CostModel,
  type CostQuestion,
  predictCosts,
  SEARCH_KINDS,
  type SearchKind,
} from './cost-model.ts';
import { DEFAULT_COST_MODEL } from './default-cost-model.ts';
import { distanceNanoseconds } from './distance-time.ts';

export interface SelectionQuestion extends CostQuestion {
  readonly dimension: number;
  readonly vectorType: VectorType;
}

export interface SelectionOptions {
  /** What may be chosen: the kinds that exist, or all when one is to be built. */
  readonly kinds?: readonly SearchKind[];
  /** Whether fewer distances or less time is better; a graph pays more time per distance. */
  readonly unit?: 'distances' | 'nanoseconds';
  /** Costs as they were measured on the collection itself. */
  readonly model?: CostModel;
}

export interface Selection {
  readonly kind: SearchKind;
  /** The beam that should reach the recall, with `hnsw`; the margin of the model is in it. */
  readonly efSearch?: number;
  /** The lists that should reach the recall, with `ivf`; the margin of the model is in it. */
  readonly probes?: number;
  /** What the chosen kind should cost, in the unit that was asked for. */
  readonly cost: number;
  /** What each kind that may be chosen should cost, in the same unit. */
  readonly costs: ReadonlyMap<SearchKind, number>;
}

/** Of about equal costs an exact answer is the better one. */
const PREFER_FLAT_WITHIN = 1.1;

/**
 * Picks the index that should answer a question most cheaply: an exact scan of the accepted rows, a
 * graph with a beam, or lists with probes. Depends on nothing but its arguments.
 *
 * @throws IndexError `invalid-option`, `limit-exceeded`
 */
export function selectIndex(
  question: SelectionQuestion,
  options: SelectionOptions = {},
): Selection {
  checkQuestion(question);
  const { kinds = SEARCH_KINDS, model = DEFAULT_COST_MODEL, unit = 'distances' } = options;
  const predicted = predictCosts(question, model);
  const costs = new Map<SearchKind, number>();
  let kind: SearchKind | undefined;
  for (const each of SEARCH_KINDS) {
    if (!kinds.includes(each)) continue;
    if (each === 'ivf' && !isIvfVectorType(question.vectorType)) continue;
    const weight = unit === 'distances' ? 1 : distanceNanoseconds(each, question);
    const cost = predicted[each].distances * weight;
    costs.set(each, cost);
    const least = costs.get(kind ?? each) ?? cost;
    if (kind === undefined || cost * (kind === 'flat' ? PREFER_FLAT_WITHIN : 1) < least)
      kind = each;
  }
  if (kind === undefined) {
    throw new IndexError(
      'invalid-option',
      'kinds is empty or ivf alone, which holds f32 and u8; name one of flat, hnsw, ivf',
    );
  }
  const { width = 1 } = predicted[kind];
  const { efMax } = INDEX_LIMITS;
  return {
    kind,
    cost: costs.get(kind) ?? Number.NaN,
    costs,
    ...(kind === 'hnsw' ? { efSearch: widened(width, model.efSearchMargin, efMax) } : {}),
    ...(kind === 'ivf' ? { probes: widened(width, model.probesMargin, LISTS_MAX) } : {}),
  };
}

function widened(width: number, margin: number, widthMax: number): number {
  return Math.min(widthMax, Math.ceil(width * margin));
}

function checkQuestion({ dimension, k, recall, rows, selectivity }: SelectionQuestion): void {
  checkInteger('rows', rows, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('k', k, 1, INDEX_LIMITS.kMax);
  checkInteger('dimension', dimension, 1, INDEX_LIMITS.dimensionMax);
  if (!(selectivity >= 0 && selectivity <= 1)) {
    throw new IndexError(
      'invalid-option',
      `selectivity = ${selectivity} violates 0 <= selectivity <= 1`,
    );
  }
  if (!(recall > 0 && recall <= 1)) {
    throw new IndexError('invalid-option', `recall = ${recall} violates 0 < recall <= 1`);
  }
}
