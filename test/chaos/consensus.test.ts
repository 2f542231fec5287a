// The chain of five real sites: its leader is killed at once, and what was decided stays decided.

import test from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { ChainFederation } from '../process/chain-federation.ts';

test.serial(
  'a killed leader costs nothing: one history everywhere, no vote contradicted',
  async (t) => {
    t.timeout(170_000);
    const stopping = new AbortController();
    const chain = await ChainFederation.found({
      home: temporaryFolder(t),
      sites: 5,
      signal: stopping.signal,
      progress: (text) => t.log(text),
    });
    t.teardown(() => chain.stop());
    const [first = ''] = chain.names;
    const leader = await chain.leader(first);
    const others = chain.names.filter((name) => name !== leader);
    t.is(others.length, 4);
    const proposals = [await chain.propose(others[0] ?? '', [])];
    await chain.kill(leader ?? '');
    await chain.approveEverywhere(proposals[0]?.id ?? '');
    proposals.push(await chain.propose(others[1] ?? ''));
    for (const proposed of proposals) await chain.untilDecided(proposed, others);

    await chain.restart([leader ?? '']);
    proposals.push(await chain.propose(leader ?? ''));
    for (const proposed of proposals) await chain.untilDecided(proposed, chain.names);
    await chain.until('every site votes', 60_000, async () => {
      const standings = await Promise.all(chain.names.map((name) => chain.view(name)));
      return standings.every(({ status }) => status.standing === 'voter');
    });
    const views = await chain.untilAgreed(chain.names);
    const { common, compared, conflicts } = await chain.agreement();
    t.deepEqual(conflicts, []);
    t.true(common >= 2 && compared >= 2);
    for (const { evidence, status } of views) {
      t.deepEqual(evidence, []);
      t.true(['voter', 'behind'].includes(status.standing), status.detail);
      t.is(status.tolerance, 'five members: one crash and one liar');
    }
  },
);
