// What the intake asks of the driver around it.

import { claimsOfEntry } from '@starling/consensus';
import { digestOf } from '@starling/crypto';
import {
  type ChainEntryBody,
  type ChainStatus,
  type Digest,
  type MemberId,
  type ModelEntry,
  refusal,
  type Verdict,
} from '@starling/shared';
import { voteFrame, voteOf } from './chain-codec.ts';
import type { ChainCore } from './chain-core.ts';
import type { ChainDriver } from './chain-driver.ts';
import type { IntakeHost } from './chain-intake.ts';
import { finalObjection } from './chain-pool.ts';
import { keysOf } from './epoch-blocks.ts';
import { rankOf } from './highest-votes.ts';

/** Blocks that one walks back over, one by one, where certificates do not show each to be final. */
export const BLOCKS_WALKED_MAX = 60;

export interface HostHooks {
  onContradiction(first: Uint8Array, second: Uint8Array): Promise<Verdict>;
  onProposal(id: Digest): void;
  /** Somebody gossiped what all sites should have by themselves. */
  onEntry(): void;
}

export function intakeHost(core: ChainCore, driver: ChainDriver, hooks: HostHooks): IntakeHost {
  const { collection, federation, pool, queue, world } = core;
  const { membership, replays } = core.parts;
  const keyOf = (member: MemberId): Uint8Array | undefined => {
    if (membership.standingOf(member) === 'revoked') return undefined;
    const state = driver.decided?.state;
    const inEpoch = state === undefined ? undefined : keysOf(state)(member);
    return inEpoch ?? membership.keyOf(member, 'peer');
  };
  return {
    collection,
    federation,
    meter: world.meter,
    pool,
    queue,
    keyOf,
    nowMs: () => world.clock.nowMs(),
    run: () => driver.run,
    state: () => driver.decided?.state,
    isFresh: (sender, seq) => replays.check(sender, seq),
    isNews: (status) => isNews(status, driver),
    onOldNews: ({ epoch, height, view }) => {
      const state = driver.decided?.state;
      if (state === undefined) return;
      const isBefore = (driver.run?.eras?.aheadOf(view) ?? 0) > 0;
      const isBehind = epoch < state.epoch || height < state.tip.height || isBefore;
      if (isBehind) driver.told.answer();
      else driver.told.heard();
    },
    onContradiction: hooks.onContradiction,
    onProposal: (id) => {
      hooks.onProposal(id);
      driver.consider();
    },
    onSetting: () => driver.consider(),
    onAhead: (member) => {
      const to = core.transportOf(member);
      if (to !== undefined) driver.fetch.blocksOf(to);
    },
    onStatus: (member, status) => {
      const to = core.transportOf(member);
      const state = driver.decided?.state;
      if (to === undefined || state === undefined) return;
      const isAhead = status.epoch > state.epoch || status.height > state.tip.height;
      const isNear = status.height - state.tip.height <= BLOCKS_WALKED_MAX;
      const mayWalk = isNear && driver.run?.eras !== undefined && status.epoch === state.epoch;
      if (isAhead && !mayWalk) driver.fetch.blocksOf(to);
      else driver.fetch.heed(status, to);
    },
    onVote: (member, body, claim) => {
      const terms = driver.run?.terms;
      if (terms === undefined) return;
      const frame = () => voteFrame(terms, member, voteOf(body), claim.signature);
      const { epoch, view } = body;
      core.highest.note(member, { epoch, view, rank: rankOf(body), claim, frame });
    },
    takeEntry: (body) => {
      hooks.onEntry();
      return takeEntry(body, core, driver);
    },
  };
}

function isNews({ best, epoch, height, view }: ChainStatus, driver: ChainDriver): boolean {
  const state = driver.decided?.state;
  const run = driver.run;
  if (state === undefined || run === undefined) return false;
  if (epoch !== state.epoch) return epoch > state.epoch;
  if ((run.eras?.aheadOf(view) ?? 0) < 0) return true;
  if (height !== state.tip.height) return height > state.tip.height;
  const own = run.status();
  const isFurther = best !== null && run.certificate(best.view, best.kind) === undefined;
  return view > own.view || (isFurther && best.view > state.tip.view);
}

async function takeEntry(
  { entry }: ChainEntryBody,
  core: ChainCore,
  driver: ChainDriver,
): Promise<Verdict> {
  if (entry.kind === 'model') return takeModel(entry, core, driver);
  const opened = core.rules.certified.openRoster(entry.roster);
  if (!opened.ok) return opened.refusal;
  const { parts, pool } = core;
  // A roster that this site does not follow yet waits until it does.
  if (opened.value.digest !== parts.membership.rosterDigest) {
    return refusal('unknown-plan', `roster ${opened.value.seq} is not in force here`);
  }
  pool.setMembership(pool.membership ?? entry);
  driver.consider();
  return { kind: 'accept' };
}

async function takeModel(
  entry: ModelEntry,
  core: ChainCore,
  driver: ChainDriver,
): Promise<Verdict> {
  const state = driver.decided?.state;
  const voters = [state?.membership, state?.previous].find(
    (each) => each?.digest === entry.membership,
  );
  if (state === undefined || voters === undefined) {
    return refusal('stale-epoch', 'the members who certified it are not known');
  }
  const keys = new Map(voters.members.map(({ member, publicKey }) => [member, publicKey]));
  const claims = claimsOfEntry(entry, digestOf).map((claim) =>
    core.rules.claim(claim, (member) => keys.get(member)),
  );
  if (claims.some((claim) => claim === undefined)) {
    return refusal('unknown-sender', 'somebody certified it who is no member');
  }
  const settled = finalObjection(entry, state, core.rules.certified);
  if (settled !== undefined && settled.reason !== 'bad-signature') return settled;
  const answer = await core.queue.checkAll(claims.filter((claim) => claim !== undefined));
  if (answer === 'busy') return refusal('busy', 'too many signatures wait to be verified');
  if (answer === 'false') return refusal('bad-signature', 'a vote in the certificate');
  const verdict = core.pool.addModel({
    entry,
    voters: voters.members.map(({ member }) => member),
  });
  driver.consider();
  return verdict;
}
