// What operators see of each site: its state, when it was last heard, what it reports; and what the
// coordinator takes for a report.

import type { MemberStatus } from '@starling/coordinator';
import { openMessage, sealMessage } from '@starling/crypto';
import {
  BusError,
  decodeCanonical,
  SITE_REPORT_ANSWER_BYTES_MAX,
  SITE_REPORT_LIFE_MS,
  SITE_REPORT_PROTOCOL,
  type SiteReport,
  siteReport,
  siteReportAnswerSchema,
} from '@starling/shared';
import { createSparseTrainer, type EncoderTrainer } from '@starling/training';
import test from 'ava';
import { type ClusterSite, SITE_OPTIONS } from './cluster-site.ts';
import { HostileMember } from './hostile-member.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { passing } from './passing-bus.ts';

const REPORT: SiteReport = {
  documents: 10,
  patterns: null,
  peers: [],
  privacy: null,
  progressMicros: null,
  queries: null,
  state: 'configured',
  version: 0,
};

async function seen(cluster: MemoryCluster, site: string): Promise<MemberStatus> {
  const { members } = await cluster.coordinator.status();
  const member = members.find((each) => each.site === site);
  if (member === undefined) throw new Error(`no member is called ${site}`);
  return member;
}

const untilSeen = (
  cluster: MemoryCluster,
  site: string,
  what: string,
  isSo: (member: MemberStatus) => boolean,
) => cluster.until(`${site}: ${what}`, async () => isSo(await seen(cluster, site)));

function siteOf(cluster: MemoryCluster, at = 0): ClusterSite {
  const site = cluster.sites[at];
  if (site === undefined) throw new Error(`no site ${at}`);
  return site;
}

/** Trains, but stays at a quarter until it is let go. */
function heldTrainer(go: Promise<void>): () => EncoderTrainer {
  return () => {
    const trainer = createSparseTrainer('built-in');
    return {
      engine: (shape) => trainer.engine(shape),
      fit: async (task, options) => {
        options?.onProgress?.({ epoch: 0, epochs: 1, step: 1, steps: 4, loss: 1 });
        await go;
        return trainer.fit(task, options);
      },
      stop: () => trainer.stop(),
    };
  };
}

test('the coordinator sees each site go through its states, and how far its training is', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 2 });
  await cluster.admitAll();
  const site = siteOf(cluster);
  const { promise, resolve } = Promise.withResolvers<void>();
  site.createTrainer = heldTrainer(promise);
  const before = await seen(cluster, 'site1');
  t.like(before, { state: 'offline', lastContactMs: null, report: null, reportedAtMs: null });
  for (const each of cluster.sites) await each.start();
  await untilSeen(cluster, 'site1', 'configured', ({ report }) => report?.state === 'configured');
  const { report } = await seen(cluster, 'site1');
  const others = [cluster.node.identity.member, siteOf(cluster, 1).identity.member].sort();
  t.deepEqual(
    report?.peers?.map(({ member }) => member),
    others,
  );
  t.true(report?.peers?.every(({ mesh }) => mesh));
  t.like(report, { documents: 60, queries: null, progressMicros: null, version: 0 });
  t.deepEqual(report?.patterns, { known: 0, used: 0, vetoed: 0 });
  t.like(report?.privacy, { epsilonMicros: 0, epsilonMaxMicros: null, rounds: 0 });

  await cluster.coordinator.planRounds(1, 2);
  await untilSeen(cluster, 'site1', 'training', ({ report }) => report?.progressMicros === 250_000);
  t.is((await seen(cluster, 'site1')).state, 'training');
  resolve();
  await cluster.untilFinished();
  await untilSeen(cluster, 'site1', 'version 1', ({ report }) => report?.version === 1);
  const after = await seen(cluster, 'site1');
  t.like(after, { state: 'configured', report: { state: 'configured', progressMicros: null } });
  t.is(after.report?.privacy?.roundsWithoutBound, 1, 'a plain round leaves without noise');
});

test('a site that falls silent is offline, its last contact stays, and its report ends visibly', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 2 });
  await untilSeen(cluster, 'site1', 'a report', ({ report }) => report !== null);
  const stoppedMs = cluster.clock.nowMs();
  await siteOf(cluster).stop();
  await cluster.clock.advance(1_000);
  const gone = await seen(cluster, 'site1');
  t.is(gone.state, 'offline');
  t.true(gone.report !== null && gone.lastContactMs !== null && gone.lastContactMs <= stoppedMs);
  await cluster.clock.advance(SITE_REPORT_LIFE_MS);
  const later = await seen(cluster, 'site1');
  const { lastContactMs, reportedAtMs } = gone;
  t.like(later, { state: 'offline', report: null, lastContactMs, reportedAtMs });
  const other = await seen(cluster, 'site2');
  t.true(other.report !== null, 'who goes on reporting is seen');
  t.true((other.lastContactMs ?? 0) > stoppedMs + SITE_REPORT_LIFE_MS / 2);
});

test('a silent site behind an open connection shows by its last contact, and its report ends', async (t) => {
  const muted = new Set<string>();
  const cluster = await MemoryCluster.start(t, {
    sites: 1,
    wrapBus: (bus) => ({
      ...passing(bus),
      publish: (topic, bytes) =>
        muted.has(bus.self) ? Promise.resolve(0) : bus.publish(topic, bytes),
      request: (to, protocol, bytes, options) =>
        muted.has(bus.self)
          ? Promise.reject(new BusError('request-failed', 'the network is cut'))
          : bus.request(to, protocol, bytes, options),
    }),
  });
  await untilSeen(cluster, 'site1', 'ready', ({ report }) => report?.state === 'configured');
  muted.add(siteOf(cluster).transportId);
  const { lastContactMs } = await seen(cluster, 'site1');
  await cluster.clock.advance(SITE_REPORT_LIFE_MS);
  t.like(await seen(cluster, 'site1'), { state: 'configured', lastContactMs, report: null });
  muted.clear();
  await untilSeen(cluster, 'site1', 'a report again', ({ report }) => report !== null);
  t.true(((await seen(cluster, 'site1')).lastContactMs ?? 0) > (lastContactMs ?? 0));
});

test('reports cost one request each, to the coordinator only, and a quiet site makes few', async (t) => {
  const asked: { readonly to: string; readonly bytes: number }[] = [];
  const cluster = await MemoryCluster.start(t, {
    sites: 2,
    wrapBus: (bus) => ({
      ...passing(bus),
      request: (to, protocol, bytes, options) => {
        if (protocol === SITE_REPORT_PROTOCOL) asked.push({ to, bytes: bytes.byteLength });
        return bus.request(to, protocol, bytes, options);
      },
    }),
  });
  for (const { name } of cluster.sites) {
    await untilSeen(cluster, name, 'configured', ({ report }) => report?.state === 'configured');
  }
  await cluster.clock.advance(10_000);
  asked.splice(0);
  await cluster.clock.advance(2 * SITE_REPORT_LIFE_MS);
  t.true(asked.length >= 2 * 5 && asked.length <= 2 * 6, `${asked.length} of two sites`);
  t.true(asked.every(({ to }) => to === cluster.node.transportId));
  t.true(asked.every(({ bytes }) => bytes < 4_500));
});

test('an operator keeps to itself what it switches off, and tells searches when it agrees', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 2 });
  await cluster.admitAll();
  const [open, closed] = [siteOf(cluster, 0), siteOf(cluster, 1)];
  const nothing = { documents: false, patterns: false, peers: false, privacy: false };
  open.options = { ...SITE_OPTIONS, report: { ...SITE_OPTIONS.report, queries: true } };
  closed.options = { ...SITE_OPTIONS, report: { ...nothing, queries: false } };
  for (const site of cluster.sites) await site.start();
  await untilSeen(cluster, 'site1', 'ready', ({ report }) => report?.state === 'configured');
  await untilSeen(cluster, 'site2', 'ready', ({ report }) => report?.state === 'configured');
  for (let i = 0; i < 5; i++) await open.peer.search('feathers', 3);
  await untilSeen(cluster, 'site1', 'searches', ({ report }) => report?.queries === 8);
  const kept = { documents: null, patterns: null, peers: null, privacy: null, queries: null };
  t.like((await seen(cluster, 'site2')).report, kept);
});

test('a restarted coordinator hears every site again at once', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 2 });
  const isReady = ({ report }: MemberStatus) => report?.state === 'configured';
  await untilSeen(cluster, 'site1', 'ready', isReady);
  await cluster.stopCoordinator();
  await cluster.startCoordinator();
  t.is((await seen(cluster, 'site1')).report, null);
  await untilSeen(cluster, 'site1', 'ready', isReady);
  t.is((await seen(cluster, 'site1')).state, 'configured');
});

test('a report counts only from its author, over its own connection, newer than the last', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 1 });
  const mallory = await HostileMember.join(cluster);
  const site = siteOf(cluster);
  const { clock, federation, node } = cluster;
  const answerTo = async (frame: Uint8Array): Promise<string> => {
    await clock.advance(600);
    const answer = await mallory.bus.request(node.transportId, SITE_REPORT_PROTOCOL, frame, {
      answerBytesMax: SITE_REPORT_ANSWER_BYTES_MAX,
    });
    const decoded = decodeCanonical(answer, answer.byteLength);
    const parsed = siteReportAnswerSchema.parse(decoded.ok ? decoded.value : undefined);
    return parsed.outcome === 'taken' ? 'taken' : (parsed.reason.split(':')[0] ?? '');
  };
  const of = (identity: typeof site.identity, seq: number, body: SiteReport = REPORT) =>
    sealMessage(identity, siteReport, { federation, body, seq, nowMs: clock.nowMs() });
  const { identity } = mallory;
  t.is(await answerTo(of(identity, 10)), 'taken');
  t.is(await answerTo(of(identity, 9)), 'replay');
  t.is(await answerTo(of(identity, 10)), 'replay');
  const faults = node.bus.faultsOf(mallory.bus.self);
  t.is(await answerTo(of(site.identity, 99)), 'unknown-sender', "another's report");
  const damaged = of(identity, 11).map((byte, i) => (i === 40 ? byte ^ 1 : byte));
  t.is(await answerTo(damaged), 'bad-signature');
  t.is(await answerTo(new Uint8Array(20)), 'malformed-cbor');
  t.is(node.bus.faultsOf(mallory.bus.self), faults + 2, 'what is provably wrong costs score');
  t.is(await answerTo(of(identity, 13, { ...REPORT, documents: 20 })), 'taken');
  const frame = of(identity, 14);
  t.true(openMessage(frame, siteReport, trustOf(cluster, mallory)).ok);
  const soon = mallory.bus.request(node.transportId, SITE_REPORT_PROTOCOL, frame, {
    answerBytesMax: SITE_REPORT_ANSWER_BYTES_MAX,
  });
  t.regex(Buffer.from(await soon).toString(), /busy/, 'too soon after the last');
  t.is((await seen(cluster, 'mallory')).report?.documents, 20);
  t.not((await seen(cluster, 'site1')).report?.documents, 20);
});

test('nothing is known of a member that was revoked', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 3 });
  await untilSeen(cluster, 'site3', 'a report', ({ report }) => report !== null);
  await cluster.coordinator.revoke('site3', 'it left');
  await cluster.clock.advance(40_000);
  const { members } = await cluster.coordinator.status();
  t.deepEqual(members.map(({ site }) => site).sort(), ['site1', 'site2']);
  const refused = cluster.node.counted('starling_coordinator_reports_total', {
    outcome: 'unknown-sender',
  });
  t.is(refused, 0, 'it has no connection to report over');
  t.true(members.every(({ report }) => report?.peers?.length === 2));
});

function trustOf(cluster: MemoryCluster, { identity }: HostileMember) {
  const { clock, federation } = cluster;
  return { federation, nowMs: clock.nowMs(), keyOf: () => identity.publicKey };
}
