// What a run's versions came to, as the fold of the log: their lineage and measures, which one is
// pinned, when the run ends early, what is to be restored.

import {
  type Digest,
  type MemberId,
  type PayloadRef,
  type VersionEvaluation,
  versionEvaluation,
  type z,
} from '@starling/shared';
import type { RecordedEvent } from '../events.ts';
import type { FederationState } from '../federation-state.ts';
import { readFrame } from '../read-frame.ts';
import { contributorsOf, type RoundState } from '../round-state.ts';
import { RulesError } from '../rules-error.ts';
import type { VersionRecord } from '../version-record.ts';
import type { pinSchema } from './registry-events.ts';
import { roundStatistics } from './round-statistics.ts';
import type { StoppingRule } from './stopping-rule.ts';

/** Newest versions whose lineage and scores stay in memory; the log has all. */
export const REGISTERED_VERSIONS_MAX = 100;
/** Newest versions whose models are kept, so that they can be restored; the pinned one besides. */
export const RESTORABLE_VERSIONS_MAX = 8;

export interface RegisteredVersion {
  readonly version: number;
  readonly round: number;
  /** The version that it was made from. */
  readonly base: number;
  readonly plan: Digest;
  readonly model: PayloadRef;
  readonly contributors: readonly MemberId[];
  readonly examples: number;
  /** Example-weighted means of the training losses of its round; 0 of a rollback. */
  readonly lossFirstMicros: number;
  readonly lossLastMicros: number;
  readonly finalisedAtMs: number;
  /** The version that it brought back; null for one that was trained. */
  readonly restores: number | null;
}

export interface VersionPin extends z.infer<typeof pinSchema> {
  /** What proves it, also when newer versions have pushed it out of the history. */
  readonly record: VersionRecord;
}

export interface ModelRegistry {
  /** When the planned run ends before its last round; null for never. */
  stopping: StoppingRule | null;
  /** Newest version when the run was planned: the rule looks at later ones. */
  plannedAtVersion: number;
  /** Why the run ended before its last round; null while it did not. */
  stopped: { readonly reason: string; readonly version: number } | null;
  pin: VersionPin | null;
  /** The version that the next round brings back. */
  restoring: { readonly version: number; readonly model: Digest } | null;
  /** Oldest first. */
  readonly versions: RegisteredVersion[];
  /** What each site measured of each version on what it holds out. */
  readonly scores: Map<MemberId, Map<number, VersionEvaluation>>;
}

export function emptyRegistry(): ModelRegistry {
  return {
    stopping: null,
    plannedAtVersion: 0,
    stopped: null,
    pin: null,
    restoring: null,
    versions: [],
    scores: new Map(),
  };
}

/** Folds what concerns the registry. @throws {RulesError} `impossible-event` */
export function foldRegistry(state: FederationState, event: RecordedEvent): void {
  const { registry } = state;
  switch (event.type) {
    case 'run-planned':
      registry.stopping = event.payload.stopping;
      registry.plannedAtVersion = newestVersion(state);
      registry.stopped = null;
      return;
    case 'version-pinned': {
      const { version } = event.payload;
      registry.pin = { ...event.payload, record: recordOf(state, version, event) };
      return;
    }
    case 'version-unpinned':
      if (registry.pin?.version !== event.payload.version) throw impossible(event, 'not pinned');
      registry.pin = null;
      return;
    case 'run-stopped':
      registry.stopped = event.payload;
      return;
    case 'rollback-planned': {
      const { model, version } = event.payload;
      if (recordOf(state, version, event).model.root !== model) {
        throw impossible(event, `version ${version} is another model`);
      }
      // A round more than was planned, unless the run's own may be it.
      if (registry.restoring === null) state.roundsPlanned += 1;
      registry.restoring = { model, version };
      return;
    }
    case 'version-measured':
      foldScore(registry, event);
      return;
    case 'version-finalised':
      if (state.round !== undefined) register(state, state.round, event.atMs);
      return;
    default:
  }
}

/** What proves a version that can still be named: of the history, or pinned. */
export function findVersion(
  { registry, versions }: Pick<FederationState, 'registry' | 'versions'>,
  version: number,
): VersionRecord | undefined {
  if (registry.pin?.version === version) return registry.pin.record;
  return versions.find((each) => each.version === version);
}

/** Versions whose models are kept: the newest, the pinned one and the one that is being restored. */
export function restorableVersions(state: FederationState): VersionRecord[] {
  const { pin, restoring } = state.registry;
  const named = [pin?.version, restoring?.version].flatMap((version) => {
    return version === undefined ? [] : (findVersion(state, version) ?? []);
  });
  return [...new Set([...named, ...state.versions.slice(-RESTORABLE_VERSIONS_MAX)])];
}

/** The scores go on under a member's new key. */
export function followScores({ scores }: ModelRegistry, from: MemberId, to: MemberId): void {
  const own = scores.get(from);
  if (own !== undefined) scores.set(to, own);
  scores.delete(from);
}

function register(state: FederationState, round: RoundState, atMs: number): void {
  const { registry } = state;
  const { plan, planDigest } = round;
  const summed = round.aggregate?.body;
  if (summed === undefined) return;
  registry.versions.push({
    version: summed.version,
    round: plan.round,
    base: plan.baseVersion,
    plan: planDigest,
    model: summed.model,
    contributors: contributorsOf(round),
    ...roundStatistics(round),
    finalisedAtMs: atMs,
    restores: plan.restores?.version ?? null,
  });
  if (registry.versions.length > REGISTERED_VERSIONS_MAX) registry.versions.shift();
  if (plan.restores !== undefined) registry.restoring = null;
  const oldest = registry.versions[0]?.version ?? 0;
  for (const cells of registry.scores.values()) {
    for (const version of cells.keys()) if (version < oldest) cells.delete(version);
  }
}

function foldScore(
  { scores }: ModelRegistry,
  { payload }: RecordedEvent & { readonly type: 'version-measured' },
): void {
  const { body, sender } = readFrame(payload.evaluation, versionEvaluation);
  const cells = scores.get(sender) ?? new Map<number, VersionEvaluation>();
  scores.set(sender, cells.set(body.version, body));
}

function newestVersion({ versions }: FederationState): number {
  return versions.at(-1)?.version ?? 0;
}

function recordOf(state: FederationState, version: number, event: RecordedEvent): VersionRecord {
  const record = findVersion(state, version);
  if (record === undefined) throw impossible(event, `version ${version} is not known`);
  return record;
}

function impossible({ seq, type }: RecordedEvent, detail: string): RulesError {
  return new RulesError('impossible-event', `event ${seq} (${type}): ${detail}`);
}
