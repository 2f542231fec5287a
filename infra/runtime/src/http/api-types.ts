// The views of the operator API as types, for whoever reads its answers. Base path: /api/v1.

import type { z } from '@starling/shared';
import type {
  chainSchema,
  patternSchema,
  patternsSchema,
  privacySchema,
} from './schemas/chain-schema.ts';
import type {
  balancesSchema,
  historySchema,
  ledgerVerificationSchema,
} from './schemas/ledger-schema.ts';
import type { memberSchema, membersSchema, meshSchema } from './schemas/member-schema.ts';
import type { roundSchema, roundsSchema, roundVerificationSchema } from './schemas/round-schema.ts';
import type { statusHeadSchema, statusSchema } from './schemas/status-schema.ts';
import type { evaluationsSchema, versionSchema, versionsSchema } from './schemas/version-schema.ts';

/** `GET /status`. */
export type StatusView = z.input<typeof statusSchema>;
/** Data of the event `status`. */
export type StatusHeadView = z.input<typeof statusHeadSchema>;
/** `GET /rounds/:round`; data of the event `round`. */
export type RoundView = z.input<typeof roundSchema>;
/** `GET /rounds?before=&limit=`, newest first. */
export type RoundsView = z.input<typeof roundsSchema>;
/** `GET /rounds/:round/verification`. */
export type RoundVerificationView = z.input<typeof roundVerificationSchema>;
/** Data of the event `member`. */
export type MemberView = z.input<typeof memberSchema>;
/** `GET /members`. */
export type MembersView = z.input<typeof membersSchema>;
/** `GET /mesh`. */
export type MeshView = z.input<typeof meshSchema>;
/** Data of the event `version`. */
export type VersionView = z.input<typeof versionSchema>;
/** `GET /versions`, newest first. */
export type VersionsView = z.input<typeof versionsSchema>;
/** `GET /evaluations`. */
export type EvaluationsView = z.input<typeof evaluationsSchema>;
/** `GET /ledger/balances`. */
export type BalancesView = z.input<typeof balancesSchema>;
/** `GET /ledger/history?before=&limit=`, newest first; data of the event `ledger`. */
export type LedgerHistoryView = z.input<typeof historySchema>;
/** `GET /ledger/verification`. */
export type LedgerVerificationView = z.input<typeof ledgerVerificationSchema>;
/** `GET /chain`. */
export type ChainAnswer = z.input<typeof chainSchema>;
/** Data of the event `pattern`. */
export type ChainPatternView = z.input<typeof patternSchema>;
/** `GET /patterns`. */
export type ChainPatternsView = z.input<typeof patternsSchema>;
/** `GET /privacy`. */
export type PrivacyView = z.input<typeof privacySchema>;
