// A coordinator process: its log, its channel, its local API.

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openNatsLeadership, openNatsPayloads, SystemClock } from '@starling/adapters';
import { type CoordinatorStatus, foundFederation } from '@starling/coordinator';
import { openGenesis, payloadRef } from '@starling/crypto';
import { decodeEvent, type ScheduleInput } from '@starling/rules';
import type { EventLog, FederationId, Genesis, KeyHolder, TrainingTask } from '@starling/shared';
import { ADMINISTRATORS_MAX, tensorFromBytes, tensorToBytes } from '@starling/shared';
import { initialParameters } from '@starling/training';
import { natsOptions, openLogOf, openSnapshotsOf } from './coordinator-log.ts';
import { CoordinatorTurns } from './coordinator-turns.ts';
import { type HttpInput, type HttpOverride, httpFrom } from './http/http-config.ts';
import { serveOperators } from './http/serve-operators.ts';
import { CurrentStanding } from './http/standing.ts';
import type { NatsLogConfig, NatsLogInput } from './log-config.ts';
import { RuntimeError } from './runtime-error.ts';
import { type CoordinatorParts, serveCoordinator } from './serve-coordinator.ts';
import { type CoordinatorConfig, parseConfig, type SiteConfigInput } from './site-config.ts';
import {
  createSiteFolder,
  makeEmptyFolder,
  openSiteFolder,
  type SiteFolder,
} from './site-folder.ts';
import { assertPassphrase } from './site-keys.ts';

const INITIAL_FILE = 'app-initial.f32';

/** Whole token units: what an accepted update and a vote earn, and how much there is in all. */
export const DEFAULT_REWARDS = Object.freeze({
  acceptedUpdate: 10,
  supply: 1_000_000,
  vote: 1,
});

export interface CoordinatorSettings {
  readonly home: string;
  readonly name: string;
  readonly listen: readonly string[];
  /** Addresses told to others instead of the listening ones. */
  readonly announce?: readonly string[];
  readonly task: TrainingTask;
  /** Version 0 of the task's app; none where the encoder is trained. */
  readonly initial?: Float32Array | undefined;
  readonly logLevel?: CoordinatorConfig['logLevel'];
  readonly schedule?: ScheduleInput;
  /** What decides the chain; certificates when absent. */
  readonly chainEngine?: CoordinatorConfig['chainEngine'];
  /** Who signs rosters beside the coordinator, and how many signatures make one; 1 when absent. */
  readonly administrators?: readonly KeyHolder[];
  readonly threshold?: number;
  readonly rosterLifeMs?: number;
  /** NATS servers that keep the log; a file of the folder when absent. */
  readonly log?: Omit<NatsLogInput, 'kind' | 'stream'> | undefined;
  /** The API for operators on other machines; none when absent. */
  readonly http?: HttpInput | undefined;
  /** Encrypts the keys; the caller erases it. */
  readonly passphrase?: Uint8Array | undefined;
}

export interface RunningCoordinator {
  /** Name of the federation. */
  readonly name: string;
  /** Where operators' programs ask; null without that API. */
  readonly http: string | null;
  status(): Promise<CoordinatorStatus>;
  stop(): Promise<void>;
}

/** Creates a coordinator's folder and founds its federation. */
export async function createCoordinator(settings: CoordinatorSettings): Promise<SiteFolder> {
  const config: SiteConfigInput = {
    version: 1,
    role: 'coordinator',
    name: settings.name,
    listen: [...settings.listen],
    announce: [...(settings.announce ?? [])],
    ...(settings.chainEngine === undefined ? {} : { chainEngine: settings.chainEngine }),
    ...(settings.logLevel === undefined ? {} : { logLevel: settings.logLevel }),
    ...(settings.schedule === undefined ? {} : { schedule: settings.schedule }),
    ...(settings.rosterLifeMs === undefined ? {} : { rosterLifeMs: settings.rosterLifeMs }),
    ...(settings.http === undefined ? {} : { http: settings.http }),
    ...(settings.log === undefined ? {} : { log: { ...settings.log, ...newStream() } }),
  };
  const founding = foundingOf(settings);
  const { home } = settings;
  const { log, rosterLifeMs } = parseConfig(config, 'the options') as CoordinatorConfig;
  assertPassphrase(settings.passphrase);
  await makeEmptyFolder(home);
  // Servers that refuse the log leave the folder empty.
  let eventLog = log.kind === 'nats' ? await openLogOf(home, log, 'new') : undefined;
  try {
    const folder = await createSiteFolder(home, config, settings.passphrase);
    if (settings.initial !== undefined) {
      await writeFile(join(home, INITIAL_FILE), tensorToBytes(settings.initial));
    }
    eventLog ??= await openLogOf(home, log, 'new');
    const { channelKey, identity } = folder;
    const clock = new SystemClock();
    await foundFederation(
      { channelKey, clock, eventLog, identity },
      {
        name: settings.name,
        rewards: { ...DEFAULT_REWARDS },
        task: settings.task,
        ...founding,
        rosterLifeMs,
      },
    );
    return folder;
  } finally {
    await eventLog?.stop();
  }
}

/** The federation has no id yet that could name its log. */
function newStream() {
  return { kind: 'nats', stream: randomBytes(16).toString('hex') } as const;
}

/** Before anything is written: what cannot be founded must not leave half a coordinator. */
function foundingOf({ administrators = [], threshold = 1 }: CoordinatorSettings) {
  // The coordinator's own key is one more.
  const count = administrators.length + 1;
  if (new Set(administrators.map(({ member }) => member)).size < administrators.length) {
    throw new RuntimeError('invalid-option', 'an administrator is named twice');
  }
  if (count <= ADMINISTRATORS_MAX && threshold <= count) return { administrators, threshold };
  const message =
    count > ADMINISTRATORS_MAX
      ? `${count} administrators with the coordinator: at most ${ADMINISTRATORS_MAX}`
      : `--threshold is ${threshold}: there are ${count} administrators, the coordinator counted`;
  throw new RuntimeError('invalid-option', message);
}

/** Starts the coordinator of a folder and serves its APIs until `stop`. */
export async function runCoordinator(
  home: string,
  passphrase?: Uint8Array,
  override: HttpOverride = {},
): Promise<RunningCoordinator> {
  const folder = await openSiteFolder(home, passphrase);
  const { config } = folder;
  if (config.role !== 'coordinator') {
    throw new RuntimeError('not-a-site', `${home} is a peer's folder: use "starling peer start"`);
  }
  // What was opened before a failure is closed, or the process would stay.
  await using opened = new AsyncDisposableStack();
  const standing = new CurrentStanding();
  const http = httpFrom(config.http, override);
  const operators =
    http && opened.adopt(await serveOperators(home, config, http, standing), stopIt);
  const eventLog = opened.adopt(await openLogOf(home, config.log, 'existing'), stopIt);
  const { federation, genesis } = await readGenesis(eventLog, home);
  const parts = {
    ...{ config, eventLog, federation, folder, standing },
    snapshots: opened.adopt(await openSnapshotsOf(home, config.log), stopIt),
    startingModel: await startingModel(home, genesis.task),
  };
  const serving =
    config.log.kind === 'nats'
      ? await takeTurns(parts, config.log, opened)
      : await serveCoordinator(parts);
  opened.adopt(serving, stopIt);
  const running = opened.move();
  return {
    name: config.name,
    http: operators?.url ?? null,
    status: () => ('coordinator' in serving ? serving.coordinator : serving).status(),
    stop: () => running.disposeAsync(),
  };
}

function stopIt(it: { stop(): Promise<void> }): Promise<void> {
  return it.stop();
}

/** Where others may lead too; alone it leads at once. */
async function takeTurns(
  parts: CoordinatorParts,
  log: NatsLogConfig,
  opened: AsyncDisposableStack,
): Promise<CoordinatorTurns> {
  const { home } = parts.folder;
  const servers = await natsOptions(home, log);
  const kept = opened.adopt(await openNatsPayloads(servers), (it) => it.stop());
  const holder = `${hostname()}/${process.pid}/${randomBytes(4).toString('hex')}`;
  const terms = { holder, leaseMs: log.leaseMs };
  const clock = new SystemClock({ offsetMs: parts.config.clockOffsetMs });
  const leadership = await openNatsLeadership(servers, clock, terms);
  opened.adopt(leadership, (it) => it.stop());
  return CoordinatorTurns.start({ ...parts, kept }, leadership);
}

/** Version 0: the encoder's follows from the seed, an app's was written when it was founded. */
async function startingModel(home: string, task: TrainingTask): Promise<Float32Array> {
  if (task.app === null) return initialParameters(task.encoder, task.seed);
  const path = join(home, INITIAL_FILE);
  const bytes = await readFile(path).catch(() => new Uint8Array());
  const weights = tensorFromBytes(bytes, task.app.elements);
  if (weights.ok && payloadRef(bytes).root === task.app.initial) return weights.value;
  const message = `${path} is not what the federation starts from: restore it from a backup`;
  throw new RuntimeError('not-a-site', message);
}

async function readGenesis(
  eventLog: EventLog,
  home: string,
): Promise<{ federation: FederationId; genesis: Genesis }> {
  for await (const stored of eventLog.read(1)) {
    const event = decodeEvent(stored);
    if (event.type !== 'federation-created') break;
    const opened = openGenesis(event.payload.genesis);
    if (!opened.ok) break;
    return { federation: opened.value.federation, genesis: opened.value.genesis.body };
  }
  const message = `${home} holds no founded federation: make one with "starling init --coordinator <name>"`;
  throw new RuntimeError('not-a-site', message);
}
