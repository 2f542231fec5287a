// What the coordinator listens to: topics and request protocols, each with the part that answers.

import {
  type Cancel,
  CHAIN_PROTOCOL,
  CHAIN_REQUEST_BYTES_MAX,
  ENVELOPE_OVERHEAD_BYTES,
  JOIN_PROTOCOL,
  LEDGER_PROTOCOL,
  LEDGER_REQUEST_BYTES_MAX,
  type MessageBus,
  ROSTER_PROTOCOL,
  SECAGG_PROTOCOL,
  SECAGG_REQUEST_BYTES_MAX,
  SITE_REPORT_PROTOCOL,
  siteReport,
  VERSION_PROTOCOL,
} from '@starling/shared';
import type { ChainRelay } from './chain-relay.ts';
import type { Intake } from './intake.ts';
import type { LedgerDesk } from './ledger/ledger-desk.ts';
import type { Membership } from './membership.ts';
import type { PresenceTracker } from './presence.ts';
import type { RosterServer } from './roster-server.ts';
import type { SessionIntake } from './session-intake.ts';
import type { StatusDesk } from './status-desk.ts';
import type { VersionServer } from './version-server.ts';

const REQUEST_BYTES_MAX = 256 * 1024;

export interface MemberServices {
  readonly chain: ChainRelay;
  readonly desk: StatusDesk;
  readonly intake: Intake;
  readonly ledger: LedgerDesk;
  readonly membership: Membership;
  readonly presence: PresenceTracker;
  readonly rosters: RosterServer;
  readonly sessions: SessionIntake;
  readonly versions: VersionServer;
}

/** Listens until each is cancelled; everything but joining is for members that proved themselves. */
export function serveMembers(bus: MessageBus, services: MemberServices): Cancel[] {
  const { chain, desk, intake, ledger, membership, presence } = services;
  const { rosters, sessions, versions } = services;
  const limits = { requestBytesMax: REQUEST_BYTES_MAX };
  const members = presence.listening(bus);
  return [
    members.subscribe('site', (bytes) => intake.onSiteMessage(bytes)),
    members.subscribe('vote', (bytes) => intake.onVoteMessage(bytes)),
    members.subscribe('consensus', (bytes) => chain.onConsensusMessage(bytes)),
    members.handle(CHAIN_PROTOCOL, (bytes) => chain.answer(bytes), {
      requestBytesMax: CHAIN_REQUEST_BYTES_MAX,
    }),
    bus.handle(JOIN_PROTOCOL, (bytes, from) => membership.answer(bytes, from), limits),
    members.handle(ROSTER_PROTOCOL, (bytes) => rosters.answer(bytes), limits),
    members.handle(SECAGG_PROTOCOL, (bytes, from) => sessions.answer(bytes, from), {
      requestBytesMax: SECAGG_REQUEST_BYTES_MAX,
    }),
    members.handle(SITE_REPORT_PROTOCOL, (bytes, from) => desk.report(bytes, from), {
      requestBytesMax: siteReport.bodyBytesMax + ENVELOPE_OVERHEAD_BYTES,
    }),
    members.handle(LEDGER_PROTOCOL, (bytes, from) => ledger.answer(bytes, from), {
      requestBytesMax: LEDGER_REQUEST_BYTES_MAX,
    }),
    members.handle(VERSION_PROTOCOL, (bytes) => versions.answer(bytes), limits),
    bus.onConnectionChange(() => desk.tell()),
  ];
}
