// The main job as people run it, and with one site killed in the middle of a round.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DemoReport, LocalClient, STAGES } from '@starling/runtime';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { launch, run, servedBelow, until, untilGone } from '../process/launched.ts';
import { SITE_FOLDERS, writeSmallCorpus } from '../process/small-corpus.ts';

test.serial('the demo ends with a report whose numbers belong together', async (t) => {
  const { args, federation, json } = prepared(t, 2);
  const demo = launch(t, args);
  const processes = await until('all five processes serve', () => {
    const served = demo.stdout().includes('— rounds') ? servedBelow(federation) : undefined;
    return served?.size === 5 ? served : undefined;
  });
  const second = await run(t, ...args);
  t.is(second.code, 3, second.stderr);
  t.regex(second.stderr, new RegExp(`a demo runs in .* \\(process ${demo.pid}\\)`));

  const ended = await demo.ended;
  t.is(ended.code, 0, ended.stderr);
  t.is(ended.stderr, '');
  await untilGone(processes.values());
  const report = JSON.parse(readFileSync(json, 'utf8')) as DemoReport;
  checkReport(t, report);
  t.is(report.rounds, 2);
  t.like(report.masked, { rounds: 2, attempts: 2, survivorsMin: 4, participants: 4 });
  t.regex(ended.stdout, /masked rounds: 2 in 2 attempts, at least 4 of 4 survivors/);
  t.deepEqual(report.missing, []);
  t.deepEqual(report.died, []);
  t.is(report.version.version, 2);
  t.deepEqual(report.ledger.problems, []);
  checkChain(t, report, 2);
  t.regex(ended.stdout, /Decided together: chain of "documents", .* 4 sites hold the same blocks/);
  t.regex(ended.stdout, /four members: one crash and one liar/);
  t.regex(ended.stdout, /no site was missing in any round/);
  t.regex(ended.stdout, /the books balance/);
});

test.serial('a site killed in the middle of a round is named, and the others finish', async (t) => {
  const { args, federation, json } = prepared(t, 3);
  const demo = launch(t, args);
  const round = await killWhileItTrains(federation, 'south');
  const ended = await demo.ended;
  t.is(ended.code, 0, ended.stderr);
  t.regex(ended.stdout, /south died \(SIGKILL\); the others go on without it/);
  const report = JSON.parse(readFileSync(json, 'utf8')) as DemoReport;
  checkReport(t, report);
  t.deepEqual(report.died, ['south']);
  t.deepEqual(report.missing, [{ round, site: 'south', reason: 'offline', why: null }]);
  t.like(report.masked, { rounds: 3, attempts: 3, survivorsMin: 3 });
  t.is(report.version.version, 3);
  t.is(report.sites.find(({ name }) => name === 'south')?.federated, null);
  t.not(report.average.federated, null);
});

function prepared(t: ExecutionContext, rounds: number) {
  const folder = temporaryFolder(t);
  const corpus = join(folder, 'corpus');
  writeSmallCorpus(corpus);
  const home = join(folder, 'demo');
  const json = join(folder, 'report.json');
  const options = ['--rounds', String(rounds), '--seed', '7', '--json', json, '--home', home];
  return {
    args: ['demo', '--corpus', corpus, ...options],
    federation: join(home, 'federation'),
    json,
  };
}

/**
 * Kills a site before it has said anything in the round. It is held still while that is checked,
 * so that what happens does not depend on the machine's speed. @returns the round
 */
function killWhileItTrains(federation: string, site: string): Promise<number> {
  return until(`${site} trains`, async () => {
    const before = await trainingRound(federation, site);
    const pid = servedBelow(federation).get(site);
    if (before === undefined || pid === undefined) return undefined;
    process.kill(pid, 'SIGSTOP');
    const now = await trainingRound(federation, site);
    if (now === before) process.kill(pid, 'SIGKILL');
    else process.kill(pid, 'SIGCONT');
    return now === before ? now : undefined;
  });
}

/** The round for which the site still trains. */
async function trainingRound(federation: string, site: string): Promise<number | undefined> {
  try {
    const client = await LocalClient.open(join(federation, 'coordinator'));
    const { members, rounds } = await client.coordinatorStatus();
    const member = members.find((candidate) => candidate.site === site)?.member;
    const round = rounds.at(-1);
    if (round?.phase !== 'training' || member === undefined) return undefined;
    return round.masked?.awaited.includes(member) ? round.round : undefined;
  } catch {
    // It is not there yet.
    return undefined;
  }
}

/** Every version has its place in the one chain, and every pattern a reason for where it stands. */
function checkChain(t: ExecutionContext, { chain }: DemoReport, versions: number): void {
  t.deepEqual(
    chain?.models.map(({ what }) => what),
    Array.from({ length: versions }, (_, i) => `model encoder ${i + 1} on ${i}`),
  );
  for (const { certificateBytes, finality, signers } of chain?.models ?? []) {
    t.is(finality, 'certificate');
    t.true(signers.length >= 3 && certificateBytes > 3 * 3_000);
  }
  t.deepEqual(chain?.agreement, { sites: [...SITE_FOLDERS].sort(), conflicts: [] });
  t.is(chain?.contradictions, 0);
  t.deepEqual(chain?.learning.map(({ site }) => site).sort(), [...SITE_FOLDERS].sort());
  for (const { asked, learned, proposed, reasons } of chain?.learning ?? []) {
    t.true(asked > 0 && (proposed.length === learned || reasons.length > 0));
  }
}

function checkReport(t: ExecutionContext, report: DemoReport): void {
  t.is(report.seed, 7);
  t.deepEqual(report.sites.map(({ name }) => name).sort(), [...SITE_FOLDERS].sort());
  for (const site of report.sites) {
    t.true(site.queries > 0, site.name);
    for (const stage of STAGES) checkMetrics(t, site[stage]);
  }
  for (const stage of STAGES) checkMetrics(t, report.average[stage]);
  const balances = Object.entries(report.balances);
  t.is(
    balances.reduce((sum, [, balance]) => sum + BigInt(balance), 0n),
    0n,
  );
  for (const name of SITE_FOLDERS) {
    t.true(name in report.balances || report.died.includes(name), name);
  }
  t.true((report.bytes['gossip:vote'] ?? 0) > 0);
  t.true(Object.values(report.bytes).every((bytes) => Number.isInteger(bytes) && bytes > 0));
  t.true(report.messages.signed > 0 && report.messages.verified > 0);
  const phases = [
    'before and alone',
    'corpus',
    'evaluation',
    'founding',
    'patterns',
    'pooled',
    'rounds',
  ];
  t.deepEqual(report.phases.map(({ name }) => name).sort(), phases);
  t.true(report.phases.every(({ seconds }) => seconds >= 0));
  t.is(report.corpus.documents, 320);
  t.true(report.corpus.textBytes > 10_000);
  t.regex(report.corpus.digest, /^[0-9a-f]{64}$/);
}

function checkMetrics(t: ExecutionContext, metrics: DemoReport['average']['alone']): void {
  if (metrics === null) return;
  t.true(metrics.recallAt10 >= 0 && metrics.recallAt10 <= 1);
  t.true(metrics.mrr >= 0 && metrics.mrr <= metrics.recallAt10 + 0.1);
}
