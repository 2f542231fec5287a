// What a site tells its coordinator of itself beside its state, version and progress.

export interface ReportOptions {
  /** How many documents it has, rounded up to ten, which its registration tells of examples too. */
  readonly documents: boolean;
  /** Which members it is connected to, and how far they are. */
  readonly peers: boolean;
  readonly patterns: boolean;
  readonly privacy: boolean;
  /**
   * How many searches it answered, as a power of two. When people search says more of a site than
   * what it holds, so its operator has to ask for this.
   */
  readonly queries: boolean;
}

export const DEFAULT_REPORT_OPTIONS: ReportOptions = Object.freeze({
  documents: true,
  peers: true,
  patterns: true,
  privacy: true,
  queries: false,
});
