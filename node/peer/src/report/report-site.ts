// Ties a site's parts to its reporter: where each figure of a report comes from.

import type { ProvedChannels } from '@starling/crypto';
import { type Sequence, SITE_STATES, type SiteReport, type TransportId } from '@starling/shared';
import type { Collection } from '../collection.ts';
import type { PeerDependencies } from '../dependencies.ts';
import type { FederationClient } from '../federation-client.ts';
import type { SiteMembership } from '../membership.ts';
import type { ModelVersions } from '../model-versions.ts';
import type { SitePatterns } from '../patterns/site-patterns.ts';
import { composeReport, type SiteFacts, stateOf } from './compose-report.ts';
import type { ReportOptions } from './report-options.ts';
import { SiteReporter } from './site-reporter.ts';

export interface ReportedParts {
  readonly channels: ProvedChannels;
  readonly client: FederationClient;
  readonly collection: Collection;
  readonly membership: SiteMembership;
  readonly patterns: SitePatterns;
  readonly sequence: Sequence;
  readonly versions: ModelVersions;
}

export function reportSite(
  world: PeerDependencies,
  parts: ReportedParts,
  options: ReportOptions,
): SiteReporter {
  const { channels, client, collection, membership, patterns, sequence, versions } = parts;
  const compose = (): SiteReport => {
    const { limit, position } = world.privacy;
    const facts = {
      documents: collection.size,
      isConfigured: client.ready,
      isRegistered: client.registered,
      training: client.training,
      patterns: patterns.status(),
      peers: neighboursOf(world, channels, membership),
      privacy: { limit, position },
      version: versions.current.version,
    };
    const coordinator = membership.coordinator?.transportId;
    const isConnected = coordinator !== undefined && channels.peers.includes(coordinator);
    measure(world, facts, isConnected);
    return composeReport(facts, options);
  };
  return new SiteReporter(world, { channels, compose, membership, sequence });
}

function neighboursOf(
  { bus }: PeerDependencies,
  channels: ProvedChannels,
  membership: SiteMembership,
): NonNullable<SiteReport['peers']> {
  const mesh = new Set(bus.meshPeers());
  const measuredMs = new Map<TransportId, number>();
  for (const { peer, rttMs } of bus.connections()) {
    if (rttMs !== undefined) measuredMs.set(peer, Math.round(rttMs));
  }
  const neighbours = channels.peers.flatMap((peer) => {
    const known = membership.memberAt(peer);
    if (known === undefined) return [];
    const rttMs = measuredMs.get(peer) ?? null;
    return [{ member: known.member, mesh: mesh.has(peer), rttMs }];
  });
  return neighbours.sort((a, b) => (a.member < b.member ? -1 : 1));
}

function measure({ meter }: PeerDependencies, facts: SiteFacts, isConnected: boolean): void {
  const { documents, privacy, version } = facts;
  meter.gauge('starling_peer_documents', documents);
  meter.gauge('starling_peer_model_version', version);
  const { epsilonTight } = privacy.position;
  if (epsilonTight !== null) meter.gauge('starling_peer_privacy_epsilon', epsilonTight);
  const now = isConnected ? stateOf(facts) : 'offline';
  for (const state of ['offline', ...SITE_STATES]) {
    meter.gauge('starling_peer_state', state === now ? 1 : 0, { state });
  }
}
