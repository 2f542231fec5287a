// The main job with seven sites, two of which are killed in the middle of a masked round: one between
// R1 and R2, one between R2 and R4. The round goes on and everyone left has its model.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteEventLog, openSqlitePeerStore } from '@starling/adapters';
import { decodeEvent, type FederationState, foldEvent, type RoundState } from '@starling/rules';
import type { DemoReport, RoundVerification } from '@starling/runtime';
import { decodeCanonical, type RoundPhase } from '@starling/shared';
import test from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { HeldSites } from '../process/held-sites.ts';
import { launch, run, until } from '../process/launched.ts';
import { writeSmallCorpus } from '../process/small-corpus.ts';

const SITES = ['north', 'east', 'south', 'west', 'hill', 'shore', 'vale'] as const;
/** It has dealt its shares and is killed before its vector leaves. */
const UNMASKED = 'south';
/** Its vector is in the sum; it is killed before it signs for the survivors. */
const UNSIGNED = 'vale';
/** Stopped for a moment, so that the round waits where the others are to be met. */
const BRAKE = 'hill';
const ROUNDS = 3;

test('two sites killed between R1 and R2 and between R2 and R4 do not stop the round', async (t) => {
  const folder = temporaryFolder(t);
  const corpus = join(folder, 'corpus');
  const home = join(folder, 'demo');
  const federation = join(home, 'federation');
  const json = join(folder, 'report.json');
  writeSmallCorpus(corpus, SITES, 60);
  const options = ['--corpus', corpus, '--sites', '7', '--rounds', String(ROUNDS), '--home', home];
  const demo = launch(t, ['demo', ...options, '--json', json]);

  const early = demo.ended.then(({ stderr }) => Promise.reject(new Error(`it ended: ${stderr}`)));
  const round = await Promise.race([killBoth(new HeldSites(t, federation)), early]);
  const ended = await demo.ended;
  t.is(ended.code, 0, ended.stderr);

  const report = JSON.parse(readFileSync(json, 'utf8')) as DemoReport;
  t.deepEqual(report.died.toSorted(), [UNMASKED, UNSIGNED]);
  t.deepEqual(report.missing, [{ round, site: UNMASKED, reason: 'offline', why: null }]);
  t.deepEqual(report.ledger.problems, []);
  t.is(report.version.version, ROUNDS);

  const coordinator = join(federation, 'coordinator');
  const rounds = await roundsOf(coordinator);
  t.deepEqual(
    rounds.map(({ phase }) => phase),
    Array(ROUNDS).fill('final'),
  );
  const [session, ...further] = rounds[round - 1]?.sessions.values() ?? [];
  t.deepEqual(further, [], 'one attempt was enough');
  t.is(session?.state.announced.get('masking')?.members.length, 7);
  t.is(session?.state.announced.get('signing')?.members.length, 6);
  t.is(session?.state.announced.get('unmasking')?.members.length, 5);

  const verified = await run(
    t,
    'round',
    'verify',
    String(round),
    '--home',
    coordinator,
    '--format',
    'json',
  );
  const { holds, verified: sum } = JSON.parse(verified.stdout) as RoundVerification;
  t.true(holds, verified.stdout);
  t.is(sum?.contributors.length, 6);
  t.is(
    sum?.masksRemoved,
    6 + 6,
    'six self masks, and the six that the seed of the dropped one gave',
  );
  const ledger = await run(t, 'ledger', 'verify', '--home', coordinator);
  t.is(ledger.code, 0, ledger.stdout);

  for (const name of SITES) {
    if (name === UNMASKED || name === UNSIGNED) continue;
    t.is(await modelOf(join(federation, 'sites', name)), report.version.model, name);
    t.not(report.sites.find((site) => site.name === name)?.federated, null);
  }
});

/**
 * Kills both sites in one round, each at its place, and returns the round. Every step waits for what
 * the coordinator has on record, so nothing depends on the machine's speed; a round in which a stopped
 * site was given up meanwhile is let go.
 */
async function killBoth(sites: HeldSites): Promise<number> {
  for (;;) {
    const round = await until(`${UNMASKED} trains`, async () => {
      const now = await sites.standing();
      if (now?.phase !== 'training' || !now.awaited.includes(UNMASKED)) return undefined;
      return sites.stop(UNMASKED) ? now.round : undefined;
    });
    if (await waitsOnlyFor(sites, round, 'training', UNMASKED)) {
      sites.stop(BRAKE);
      sites.letGo(UNMASKED);
      if (await waitsOnlyFor(sites, round, 'sharing', BRAKE)) {
        sites.stop(UNMASKED);
        sites.letGo(BRAKE);
        if (await waitsOnlyFor(sites, round, 'masking', UNMASKED)) {
          sites.stop(UNSIGNED);
          sites.kill(UNMASKED);
          if (!(await waitsOnlyFor(sites, round, 'signing', UNSIGNED))) {
            throw new Error(`round ${round} did not wait for ${UNSIGNED} to sign`);
          }
          sites.kill(UNSIGNED);
          return round;
        }
      }
    }
    sites.letAllGo();
  }
}

/** False when the round went past the phase without waiting for this site alone. */
function waitsOnlyFor(
  sites: HeldSites,
  round: number,
  phase: RoundPhase,
  site: string,
): Promise<boolean> {
  return until(`round ${round} waits only for ${site} in ${phase}`, async () => {
    const now = await sites.standing();
    if (now === undefined) return undefined;
    if (now.round === round && now.phase === phase && now.awaited.join() === site) return true;
    const isPast = now.round > round || ORDER.indexOf(now.phase) > ORDER.indexOf(phase);
    return isPast ? false : undefined;
  });
}

const ORDER: readonly RoundPhase[] = [
  'training',
  'sharing',
  'masking',
  'signing',
  'unmasking',
  'voting',
  'final',
  'failed',
];

async function roundsOf(home: string): Promise<RoundState[]> {
  const eventLog = openSqliteEventLog(join(home, 'events.sqlite'));
  try {
    let state: FederationState | undefined;
    for await (const stored of eventLog.read(1)) state = foldEvent(state, decodeEvent(stored));
    return [...(state?.roundHistory ?? []), ...(state?.round === undefined ? [] : [state.round])];
  } finally {
    await eventLog.stop();
  }
}

/** Content root of the model that a stopped site works with. */
async function modelOf(home: string): Promise<string | undefined> {
  const store = openSqlitePeerStore(home);
  try {
    const value = await store.get('state', 'model');
    const decoded = value === undefined ? undefined : decodeCanonical(value, 1024);
    const stored = decoded?.ok ? (decoded.value as { ref?: { root?: string } }) : undefined;
    return stored?.ref?.root;
  } finally {
    await store.stop();
  }
}
