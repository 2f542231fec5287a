// The operator API's answers as the page reads them.

import type { SiteReport } from '@starling/shared';
import type {
  BalancesView,
  LedgerHistoryView,
  MemberView as ServedMember,
} from '../../http/api-types.ts';

export type {
  EvaluationsView,
  MeshView,
  RoundView,
  StatusView,
  VersionsView,
  VersionView,
} from '../../http/api-types.ts';

export type LedgerBalance = BalancesView['balances'][number];
export type LedgerLine = LedgerHistoryView['entries'][number];
export type MemberState = ServedMember['state'];

export interface MemberView extends Omit<ServedMember, 'report'> {
  readonly report: SiteReport | null;
}

export interface PatternView {
  readonly id: string;
  readonly proposer: string;
  readonly status: 'proposed' | 'final' | 'lapsed';
  readonly attestations: readonly { readonly member: string; readonly accepts: boolean }[];
  readonly recallMicros: number | null;
  readonly height: number | null;
}

/** What a site's report says of its privacy. */
export type PrivacyReport = NonNullable<SiteReport['privacy']>;
