import type { Distribution } from './distribution.ts';
import type { Finding } from './finding.ts';
import type { AuditedRecall } from './recall-audit.ts';

/** The numbers of a graph, whatever is asked of it. */
export interface StructureStatistics {
  readonly rows: number;
  /** Slots without a live row. */
  readonly deadRows: number;
  /** Base links that still lead to dead rows. */
  readonly linksToDead: number;
  /** Live rows on each layer, the base layer first. */
  readonly rowsPerLayer: readonly number[];
  /** Links between live rows on the base layer. */
  readonly links: number;
  readonly unreachableRows: number;
  /** Base links out of and into a live row. */
  readonly degree: Distribution;
  readonly inDegree: Distribution;
  /** Fewest links from the entry point to a row, down through the layers. */
  readonly hops: Distribution;
}

/** The numbers behind the findings. */
export interface IndexStatistics extends StructureStatistics {
  /** What the caller says that the index takes, in bytes. */
  readonly memoryBytes: number | undefined;
  /** Searches recorded since the beginning; those in the window stand behind what follows. */
  readonly searches: number;
  /** Distance computations of a search. */
  readonly searchDistances: Distribution;
  /** Share of the live rows whose links a recorded trace followed; without traces unknown. */
  readonly expandedShare: number | undefined;
  /** Absent without an auditor or without recorded searches. */
  readonly recall: AuditedRecall | undefined;
}

/** What the observer saw at one moment. */
export interface Inspection {
  /** Gravest first; none in a healthy index. */
  readonly findings: readonly Finding[];
  readonly statistics: IndexStatistics;
}
