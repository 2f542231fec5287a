import type { Digest } from '@starling/shared';
import test from 'ava';
import type { BlockHeader } from '../simplex/vote.ts';
import { HEADERS_MAX, HeaderBook } from './header-book.ts';
import { START_ABOVE_MAX, START_BELOW_MAX } from './statement.ts';
import { WANTED_MAX, Wanted } from './wanted.ts';

const id = (height: number, branch = '') => `${branch}${height}` as Digest;
const block = (height: number, branch = ''): BlockHeader => ({
  id: id(height, branch),
  view: height,
  height,
  parent: id(height - 1, height - 1 > 0 ? branch : ''),
  parentView: height - 1,
  leader: 0,
});

function bookWith(blocks: number): HeaderBook {
  const book = new HeaderBook(block(0));
  for (let height = 1; height <= blocks; height++) book.add(block(height));
  return book;
}

test('a starting vote is as long as its limits, whatever was decided and is preferred', (t) => {
  const book = bookWith(100);
  book.decide(Array.from({ length: 50 }, (_, i) => id(i + 1)));
  const vote = book.startingVote(block(100));
  t.is(vote.decidedHeight, 50);
  t.is(vote.fromHeight, 50 - START_BELOW_MAX);
  t.is(vote.ids.length, START_BELOW_MAX + 1 + START_ABOVE_MAX);
  t.is(vote.ids[START_BELOW_MAX], id(50));
  t.is(vote.ids.at(-1), id(50 + START_ABOVE_MAX));
});

test('the way to a block is known, has a gap, or leads elsewhere', (t) => {
  const book = bookWith(3);
  book.add(block(5));
  t.deepEqual(book.relationTo({ id: id(3), height: 3 }), {
    kind: 'path',
    blocks: [block(1), block(2), block(3)],
  });
  t.deepEqual(book.relationTo({ id: id(5), height: 5 }), { kind: 'missing', id: id(4) });
  book.decide([id(1)]);
  t.is(book.relationTo({ id: id(0), height: 0 }).kind, 'fork');
  t.is(book.relationTo({ id: id(1, 'x'), height: 1 }).kind, 'fork');
  book.add({ ...block(2, 'x'), parent: id(1, 'x') });
  t.is(book.relationTo({ id: id(2, 'x'), height: 2 }).kind, 'fork');
  t.is(book.relationTo({ id: id(3), height: 9 }).kind, 'fork');
});

test('what lost against a decision is forgotten and named', (t) => {
  const book = bookWith(2);
  book.add(block(1, 'x'));
  t.deepEqual(book.decide([id(1)]), [id(1, 'x')]);
  t.is(book.size, 1);
});

test('no more headers and wishes are held than their limits', (t) => {
  t.is(bookWith(HEADERS_MAX + 10).size, HEADERS_MAX);
  const fetched: unknown[] = [];
  const wanted = new Wanted((effect) => fetched.push(effect));
  for (let height = 0; height < WANTED_MAX + 10; height++) wanted.askBlock(id(height));
  t.is(wanted.size, WANTED_MAX);
  t.is(fetched.length, WANTED_MAX);
  wanted.askBlock(id(0));
  t.is(fetched.length, WANTED_MAX);
  wanted.askAgain();
  wanted.askBlock(id(0));
  t.is(fetched.length, WANTED_MAX + 1);
});
