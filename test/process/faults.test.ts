// A federation of real processes under faults that only a network and servers can have. The whole
// table is `pnpm bench faults`.

import { join } from 'node:path';
import test from 'ava';
import { FAULT_CASES } from '../benchmarks/faults/fault-cases.ts';
import { hasNatsServer } from '../contracts/nats-servers.ts';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { FaultFederation } from './faults/fault-federation.ts';

/** What kills coordinators and sites is tested beside this file and in `chaos/`. */
const CASES = ['nats-leader', 'cut-off'];
const SITES = 4;
const ENCODER = { buckets: 512, dimension: 16 };

if (!hasNatsServer) {
  test.skip('faults of processes: nats-server is not here (Debian: nats-server)', () => {});
} else if (process.platform !== 'linux') {
  test.skip('faults of processes: who dials is found in /proc, on Linux', () => {});
} else {
  test('nothing is lost when a NATS leader is killed and when a site is cut off', async (t) => {
    t.timeout(240_000);
    const giveUp = new AbortController();
    t.teardown(() => giveUp.abort(new Error('the test is over')));
    const federation = await FaultFederation.found({
      encoder: ENCODER,
      home: join(temporaryFolder(t), 'faults'),
      progress: (text) => t.log(text),
      signal: giveUp.signal,
      sites: SITES,
    });
    t.teardown(() => federation.stop());
    for (const fault of FAULT_CASES.filter(({ name }) => CASES.includes(name))) {
      t.log(fault.title);
      await fault.run({ federation, isQuick: true });
      await federation.caughtUp();
      const verdict = await federation.verdict(0);
      t.deepEqual(verdict, { failures: [], ledgerProblems: [], lostEvents: 0, models: 1 });
    }
  });
}
