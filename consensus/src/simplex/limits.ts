// The bounds of a replica's memory. All of them count per replica, that is per instance and epoch.

/** Votes and proposals count for views up to this many beyond the current one. */
export const VIEWS_AHEAD_MAX = 16;
/** Votes of views that are further back than this are dropped; their certificates stay. */
export const VIEWS_BEHIND_MAX = 16;
/** Views in a row that may pass without a decision; certificates beyond are refused. */
export const VIEWS_UNDECIDED_MAX = 65_536;
/** Proposals that are kept per view, beside a certified one: the first, and what contradicts it. */
export const BLOCKS_PER_VIEW_MAX = 2;
/** Undecided blocks that are kept to walk from a certificate back to what was decided. */
export const BLOCKS_UNDECIDED_MAX = 65_536;
/** Unknown blocks that are asked for per view before more than F votes speak for them. */
export const FETCHES_PER_VIEW_MAX = 4;
/** Missing certificates that are asked for at once. */
export const CERTIFICATE_FETCHES_MAX = 16;
/** Certified blocks that are missing and asked for at once. */
export const BLOCK_FETCHES_MAX = 16;
/** Own finalize votes of earlier views that are sent again beside those of the current view. */
export const REPEATED_FINALIZE_VOTES_MAX = 3;
/** Answers that an idle member gives to votes of others per view, each twice as late. */
export const ANSWERS_PER_VIEW_MAX = 8;
