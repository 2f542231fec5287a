// The operator API's answers as the page reads them.

import type { SiteReport } from '@starling/shared';
import type { BalancesView, LedgerHistoryView, MemberView } from '../../http/api-types.ts';

export type {
  ChainPatternView as PatternView,
  EvaluationsView,
  MemberView,
  MeshView,
  RoundView,
  StatusView,
  VersionsView,
  VersionView,
} from '../../http/api-types.ts';

export type LedgerBalance = BalancesView['balances'][number];
export type LedgerLine = LedgerHistoryView['entries'][number];
export type MemberState = MemberView['state'];

/** What a site's report says of its privacy. */
export type PrivacyReport = NonNullable<SiteReport['privacy']>;
