// Rosters at the command line: read from whatever runs or lies in a folder, signed by an
// administrator alone, handed in at the running coordinator.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqlitePeerStore, SystemClock } from '@starling/adapters';
import { FederationLog, type RosterOutcome } from '@starling/coordinator';
import { SiteMembership } from '@starling/peer';
import {
  openSigningRequest,
  type RosterChangeView,
  type RosterView,
  rosterChanges,
  signingRequest,
  signRequest,
  viewFederation,
  viewRoster,
} from '@starling/rules';
import { digestSchema, federationIdSchema, type MemberId, uintSchema, z } from '@starling/shared';
import { openEventLog } from './coordinator-log.ts';
import { LocalClient } from './local-api/local-client.ts';
import { RuntimeError } from './runtime-error.ts';
import { readConfig } from './site-config.ts';
import { openSiteKeys } from './site-keys.ts';

const SIGNED_FILE = 'signed-rosters.json';

/** The newest roster that an administrator signed in each federation. */
const signedSchema = z.record(
  federationIdSchema,
  z.strictObject({ digest: digestSchema, seq: uintSchema }),
);

export interface SignedRequest {
  /** The request with this administrator's signature. */
  readonly request: Uint8Array;
  readonly federation: string;
  readonly name: string;
  readonly seq: number;
  readonly member: MemberId;
  readonly signed: number;
  readonly threshold: number;
  readonly notAfterMs: number;
  readonly changes: readonly RosterChangeView[];
}

/** The roster of a coordinator's or a site's folder, whether it runs or not. */
export async function readRosterOf(home: string): Promise<RosterView> {
  const config = await readConfig(home);
  const answered = await askRunning(home, (client) => client.roster());
  if (answered !== undefined) return answered;
  if (config.role === 'coordinator') return viewFederation((await openLog(home)).state);
  const store = openSqlitePeerStore(home);
  try {
    const membership = await SiteMembership.load(store);
    return viewRoster(membership, membership.opened, undefined);
  } finally {
    await store.stop();
  }
}

/**
 * The proposed roster of a coordinator's folder as a file for administrators.
 * @throws {RuntimeError} `not-a-site` for a peer's folder, `request-refused` when nothing is proposed
 */
export async function readRosterRequest(home: string): Promise<Uint8Array> {
  await assertCoordinator(home);
  const running = await askRunning(home, (client) => client.rosterRequest());
  const request = running ?? signingRequest((await openLog(home)).state);
  if (request !== undefined) return request;
  throw new RuntimeError('request-refused', 'no roster is proposed: there is nothing to sign');
}

/**
 * Signs a request with the key of an administrator's folder, after checking all of it. What was
 * signed is remembered: of two rosters with one number only one is signed, unless `replace` says
 * that the first was withdrawn.
 * @throws {RuntimeError} `request-refused`
 */
export async function signRosterRequest(
  home: string,
  bytes: Uint8Array,
  { passphrase, replace = false }: { passphrase?: Uint8Array | undefined; replace?: boolean } = {},
): Promise<SignedRequest> {
  const { identity } = await openSiteKeys(home, passphrase);
  const opened = openSigningRequest(bytes, new SystemClock().nowMs());
  if (!opened.ok) throw refuse(`the request does not hold: ${opened.refusal.detail}`);
  const { bodyDigest, current, next, trust } = opened.value;
  const { federation, genesis } = trust;
  if (!genesis.administrators.some(({ member }) => member === identity.member)) {
    throw refuse(`the key of ${home} is no administrator of "${genesis.name}"`);
  }
  const signed = await readSigned(home);
  const before = signed[federation];
  if (before !== undefined && before.seq > next.seq) {
    throw refuse(`you have signed roster ${before.seq} already, this is roster ${next.seq}`);
  }
  if (before?.seq === next.seq && before.digest !== bodyDigest && !replace) {
    const what = `you have signed another roster ${next.seq}`;
    throw refuse(`${what}: only if it was withdrawn, sign this one instead with --replace`);
  }
  await writeSigned(home, { ...signed, [federation]: { digest: bodyDigest, seq: next.seq } });
  const request = signRequest(opened.value, identity);
  const known = new Set([...opened.value.signatures.keys(), identity.member]);
  return {
    request,
    federation,
    name: genesis.name,
    seq: next.seq,
    member: identity.member,
    signed: known.size,
    threshold: genesis.threshold,
    notAfterMs: next.notAfterMs,
    changes: rosterChanges(current?.body ?? { ...next, members: [], revoked: [] }, next),
  };
}

/**
 * Hands the signatures of a request in at the running coordinator.
 * @throws {RuntimeError} `not-running`, `request-refused`
 */
export async function submitRosterRequest(home: string, bytes: Uint8Array): Promise<RosterOutcome> {
  await assertCoordinator(home);
  const opened = openSigningRequest(bytes, new SystemClock().nowMs());
  if (!opened.ok) throw refuse(`the request does not hold: ${opened.refusal.detail}`);
  const { bodyDigest, signatures } = opened.value;
  const client = await LocalClient.open(home);
  let outcome: RosterOutcome | undefined;
  for (const [member, signature] of signatures) {
    outcome = await client.signRoster(bodyDigest, member, signature);
    if (outcome.kind === 'in-force') return outcome;
  }
  if (outcome === undefined) throw refuse('nobody has signed this request yet');
  return outcome;
}

async function askRunning<T>(
  home: string,
  ask: (client: LocalClient) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask(await LocalClient.open(home));
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'not-running') return undefined;
    throw error;
  }
}

async function openLog(home: string): Promise<FederationLog> {
  const eventLog = await openEventLog(home);
  try {
    return await FederationLog.open(eventLog, new SystemClock());
  } finally {
    await eventLog.stop();
  }
}

async function assertCoordinator(home: string): Promise<void> {
  if ((await readConfig(home)).role === 'coordinator') return;
  const message = `${home} is a peer's folder: rosters are proposed and put in force by the coordinator`;
  throw new RuntimeError('not-a-site', message);
}

async function readSigned(home: string): Promise<z.infer<typeof signedSchema>> {
  const path = join(home, SIGNED_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
    throw cause;
  }
  try {
    return signedSchema.parse(JSON.parse(text));
  } catch (cause) {
    const message = `${path} is damaged: restore it from a backup, or look at what you signed`;
    throw new RuntimeError('not-a-site', message, { cause });
  }
}

/** On disk before the signature leaves. */
async function writeSigned(home: string, signed: z.infer<typeof signedSchema>): Promise<void> {
  const path = join(home, SIGNED_FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(signed, undefined, 2)}\n`, { flush: true });
  await rename(`${path}.new`, path);
}

function refuse(message: string): RuntimeError {
  return new RuntimeError('request-refused', message);
}
