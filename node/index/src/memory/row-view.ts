/** Rows that a kernel compares: the stored rows, or exact rows beside codes. */
export type RowKind = 'codes' | 'exact';

/** What a kernel is told about the rows that it shall compare. */
export interface RowView {
  readonly address: number;
  readonly rowBytes: number;
  readonly measure: number;
  /** Bytes after which most rows are known to be too far; 0 where rows are compared whole. */
  readonly startBytes: number;
}
