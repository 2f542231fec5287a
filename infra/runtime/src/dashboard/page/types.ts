// The words of the dashboard's own modules; nothing of this file is served.

import type {
  EvaluationsView,
  LedgerBalance,
  LedgerLine,
  MemberView,
  MeshView,
  PatternView,
  RoundView,
  StatusView,
  VersionsView,
} from './api-types.ts';
import type { MeshPlaces } from './mesh-places.js';

export type Child = VNode | string | number | null | undefined | false;
export type Props = Readonly<Record<string, unknown>>;

export interface VNode {
  readonly tag: string;
  readonly key: string | undefined;
  readonly props: Props;
  readonly children: readonly (VNode | string)[];
}

/** An element that draws itself, such as a chart; it is told of new data and of its end. */
export type Widget = (element: Element) => {
  update(data: unknown): void;
  destroy(): void;
};

export type Section =
  | 'overview'
  | 'rounds'
  | 'learning'
  | 'versions'
  | 'sites'
  | 'mesh'
  | 'patterns'
  | 'privacy'
  | 'ledger';

/** The stream of events: since when it is as it is, and when it is tried again. */
export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'live'; readonly sinceMs: number }
  | {
      readonly state: 'lost';
      readonly sinceMs: number;
      readonly retryAtMs: number;
      readonly reason: string;
    };

export interface LedgerCheck {
  readonly state: 'running' | 'done' | 'failed';
  readonly problems: readonly string[];
  readonly signaturesVerified: number;
  readonly atMs: number;
}

/** A table's order, filter and page, as its reader chose them. */
export interface TableChoice {
  sort: string;
  isDescending: boolean;
  text: string;
  state: string;
  page: number;
}

export interface Chosen {
  theme: 'system' | 'light' | 'dark';
  /** Rounds before this number; null for the newest. */
  roundsBefore: number | null;
  openRounds: Set<number>;
  openPatterns: Set<string>;
  tables: Partial<Record<Section, TableChoice>>;
  /** Sites whose curves are drawn; null for as many as can be told apart. */
  curves: Set<string> | null;
  node: string | null;
  historyBefore: number | null;
  isMenuOpen: boolean;
}

/** All that the page knows; views only read it. */
export interface Model {
  section: Section;
  token: string | null;
  /** Why the login form is there again. */
  refusal: string | null;
  link: Link;
  status: StatusView | null;
  /** Newest first. */
  rounds: readonly RoundView[] | null;
  members: ReadonlyMap<string, MemberView> | null;
  versions: VersionsView | null;
  evaluations: EvaluationsView | null;
  patterns: ReadonlyMap<string, PatternView> | null;
  mesh: MeshView | null;
  balances: readonly LedgerBalance[] | null;
  /** Newest first. */
  history: readonly LedgerLine[] | null;
  check: LedgerCheck | null;
  /** What could not be loaded, by resource, in the server's words. */
  failures: Partial<Record<Resource, string>>;
  chosen: Chosen;
}

export type Resource =
  | 'status'
  | 'rounds'
  | 'members'
  | 'versions'
  | 'evaluations'
  | 'patterns'
  | 'mesh'
  | 'balances'
  | 'history';

/** What a view is given. */
export interface View {
  readonly model: Model;
  readonly places: MeshPlaces;
  readonly nowMs: number;
  /** Changes what the reader chose, draws again, and asks anew for what depends on it. */
  choose(change: (chosen: Chosen) => void, reload?: Resource): void;
  verifyLedger(): void;
  signIn(token: string): void;
  signOut(): void;
}
