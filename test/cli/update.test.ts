// `starling update` on the folder of a site that trained and does not run.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqlitePeerStore } from '@starling/adapters';
import { PEER_TABLES, type PeerWrite } from '@starling/shared';
import test from 'ava';
import { signedCommitment, trainedCluster } from '../cluster/committed-site.ts';
import { run } from '../process/launched.ts';

test('an update is trained again on the folder of a stopped site, for people and programs', async (t) => {
  const { cluster, site } = await trainedCluster(t, 1);
  const commitment = signedCommitment(cluster, site) ?? '';
  await cluster.stop();
  const home = site.folder;
  const config = { version: 1, role: 'peer', site: site.name, listen: ['/ip4/127.0.0.1/tcp/0'] };
  writeFileSync(join(home, 'config.json'), JSON.stringify(config));
  const store = openSqlitePeerStore(home);
  const records: PeerWrite[] = [];
  for (const table of PEER_TABLES) {
    for await (const record of site.store.entries(table)) records.push({ table, ...record });
  }
  await store.write(records);
  await store.stop();

  const verify = (...args: string[]) => run(t, 'update', 'verify', ...args, '--home', home);
  const json = await verify('1', '--commitment', commitment, '--format', 'json');
  t.is(json.code, 0, json.stderr);
  t.like(JSON.parse(json.stdout), { holds: true, verdict: 'exact', commitment });
  const other = await verify('1', '--commitment', '0'.repeat(64));
  t.is(other.code, 5);
  t.regex(other.stdout, /^the update of round 1 does NOT hold: not-committed/);
  const unknown = await verify('9');
  t.is(unknown.code, 3);
  t.regex(unknown.stderr, /keeps no training of round 9/);
});
