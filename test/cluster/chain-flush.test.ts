// The journal on a real disk: what one turn of the event loop writes is one flush, and a vote stands.

import { openSqlitePeerStore } from '@starling/adapters';
import { ChainJournal } from '@starling/peer';
import test from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';

const frame = (value: number) => Uint8Array.of(value);

test('votes, certificates and blocks of one turn share one flush', async (t) => {
  const store = openSqlitePeerStore(temporaryFolder(t));
  t.teardown(() => store.stop());
  const journal = new ChainJournal(store, 'documents');
  const before = store.commits;
  await Promise.all([
    journal.castOnce(1, 7, 'notarize', frame(1)),
    journal.castOnce(1, 6, 'close', frame(2)),
    journal.write([{ kind: 'certificate', name: ['1', '6', 'notarize'], value: frame(3) }]),
    journal.write([{ kind: 'candidate', name: ['1', '7', 'ab'], value: frame(4) }]),
  ]);
  t.is(store.commits, before + 1);
});

test('the first vote in a slot stands, also after the store was closed', async (t) => {
  const folder = temporaryFolder(t);
  const first = openSqlitePeerStore(folder);
  const journal = new ChainJournal(first, 'documents');
  t.deepEqual(await journal.castOnce(1, 7, 'close', frame(1)), frame(1));
  t.deepEqual(await journal.castOnce(1, 7, 'close', frame(2)), frame(1));
  t.deepEqual(await journal.castOnce(1, 7, 'notarize', frame(2)), frame(2));
  await first.stop();
  const again = openSqlitePeerStore(folder);
  t.teardown(() => again.stop());
  const reopened = new ChainJournal(again, 'documents');
  t.deepEqual(await reopened.castOnce(1, 7, 'close', frame(3)), frame(1));
});

test('votes, certificates and blocks of decided views are forgotten, decisions are not', async (t) => {
  const store = openSqlitePeerStore(temporaryFolder(t));
  t.teardown(() => store.stop());
  const journal = new ChainJournal(store, 'documents');
  for (const view of [1, 2, 3]) await journal.castOnce(1, view, 'notarize', frame(view));
  await journal.write([{ kind: 'decision', name: ['000000000001'], value: frame(9) }]);
  await journal.forget(1, 2);
  const left: string[] = [];
  for await (const { kind, name } of journal.entries(['vote', 'decision'])) {
    left.push([kind, ...name].join('/'));
  }
  t.deepEqual(left, ['decision/000000000001', 'vote/000000000001/000000000003/notarize']);
});
