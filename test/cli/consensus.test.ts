// The commands about consensus and patterns on three running sites, of which one is stopped in the end.

import type { ConsensusView, LearnView, SettingView } from '@starling/runtime';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { ChainFederation } from '../process/chain-federation.ts';
import { run } from '../process/launched.ts';

test.serial(
  'what the sites decide together is told, changed and refused by commands',
  async (t) => {
    t.timeout(170_000);
    const chain = await ChainFederation.found({
      home: temporaryFolder(t),
      sites: 3,
      signal: new AbortController().signal,
      progress: (text) => t.log(text),
    });
    t.teardown(() => chain.stop());
    const [one = '', two = '', three = ''] = chain.names.map((name) =>
      chain.federation.siteHome(name),
    );
    await tellsTheChain(t, one);
    const { id } = await proposes(t, one);
    await chain.until('the others know it', 30_000, async () => {
      const views = await Promise.all(chain.names.map((name) => chain.view(name)));
      return views.every(({ settings }) => settings.some((setting) => setting.id === id));
    });
    const approved = await answer<SettingView>(t, two, 'consensus', 'settings', 'approve', id);
    t.is(approved.value, '4');
    await chain.untilDecided({ id, atMs: 0 }, chain.names.slice(0, 2));
    t.regex(
      await says(t, one, 'consensus', 'settings'),
      /topology\.shards +4 +final/,
      'two of three decide',
    );
    t.regex(await says(t, two, 'consensus', 'decisions'), /setting topology\.shards = 4/);
    await knowsNoPatterns(t, one);
    await chain.kill('site-3');
    const stopped = await run(t, 'consensus', 'status', '--home', three);
    t.is(stopped.code, 3);
    t.regex(stopped.stderr, /nothing runs on .*: start it/);
    const ofCoordinator = await run(
      t,
      'patterns',
      'list',
      '--home',
      chain.federation.coordinatorHome,
    );
    t.is(ofCoordinator.code, 2);
    t.regex(ofCoordinator.stderr, /a coordinator's folder: sites hold the chain/);
  },
);

async function tellsTheChain(t: ExecutionContext, home: string): Promise<void> {
  const text = await says(t, home, 'consensus', 'status');
  t.regex(text, /tolerates {4}three members: one crash and no liar/);
  t.regex(text, /members {6}3: site-\d, site-\d, site-\d; 2 votes decide/);
  t.regex(text, /engine simplex, epoch 1/);
  const status = await answer<ConsensusView['status']>(t, home, 'consensus', 'status');
  t.like(status, { standing: 'voter', quorum: 2, epoch: 1, contradicted: [] });
  t.true(status.height >= 1);
  const decisions = await answer<ConsensusView['decisions']>(t, home, 'consensus', 'decisions');
  t.is(decisions[0]?.entries[0]?.kind, 'model');
  t.true((decisions[0]?.signers.length ?? 0) >= 2);
  t.regex(await says(t, home, 'consensus', 'evidence'), /no member is known to have contradicted/);
  const unknown = await run(t, 'consensus', 'evidence', 'show', 'abcd', '--home', home);
  t.is(unknown.code, 3);
  t.regex(unknown.stderr, /this site knows no evidence abcd/);
}

async function proposes(t: ExecutionContext, home: string): Promise<SettingView> {
  const odd = await run(t, 'consensus', 'settings', 'propose', 'Shards', '4', '--home', home);
  t.is(odd.code, 3);
  t.regex(odd.stderr, /name: is 1 to 63 small letters/);
  const words = ['consensus', 'settings', 'propose', 'topology.shards', '4'];
  const proposed = await answer<SettingView>(t, home, ...words);
  t.is(proposed.status, 'proposed');
  return proposed;
}

async function knowsNoPatterns(t: ExecutionContext, home: string): Promise<void> {
  t.regex(await says(t, home, 'patterns', 'list'), /no pattern is known/);
  for (const words of [['show'], ['veto', '--reason', 'slow'], ['unveto']]) {
    const [command = '', ...rest] = words;
    const refused = await run(t, 'patterns', command, 'abcd', ...rest, '--home', home);
    t.is(refused.code, 3, command);
    t.regex(refused.stderr, /this site knows no pattern abcd/);
  }
  const learned = await answer<LearnView>(t, home, 'patterns', 'learn');
  t.like(learned, { learned: 0, proposed: [] });
  t.regex(learned.reasons[0] ?? '', /too few queries: a pattern needs 50/);
}

async function says(t: ExecutionContext, home: string, ...words: string[]): Promise<string> {
  const ended = await run(t, ...words, '--home', home);
  t.is(ended.code, 0, ended.stderr);
  return ended.stdout;
}

async function answer<T>(t: ExecutionContext, home: string, ...words: string[]): Promise<T> {
  return JSON.parse(await says(t, home, ...words, '--format', 'json')) as T;
}
