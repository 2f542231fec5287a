import test from 'ava';
import type { RoundView } from './api-types.ts';
import { applyEvent, emptyModel, ROUNDS_PER_PAGE, SECTIONS, sectionOf } from './model.js';

const roundAt = (round: number, phase = 'final') => ({ round, phase }) as RoundView;

function event(kind: string, data: unknown) {
  return { event: kind, id: '1', data: JSON.stringify(data) };
}

test('a new round comes first, a known one takes its own place, a page stays a page', (t) => {
  const model = emptyModel();
  model.rounds = Array.from({ length: ROUNDS_PER_PAGE }, (_, at) => roundAt(ROUNDS_PER_PAGE - at));
  applyEvent(model, event('round', roundAt(ROUNDS_PER_PAGE, 'voting')));
  t.is(model.rounds[0]?.phase, 'voting');
  applyEvent(model, event('round', roundAt(ROUNDS_PER_PAGE + 1, 'training')));
  t.is(model.rounds.length, ROUNDS_PER_PAGE);
  t.is(model.rounds[0]?.round, ROUNDS_PER_PAGE + 1);
  t.is(model.rounds.at(-1)?.round, 2);
});

test('a new round does not enter an older page', (t) => {
  const model = emptyModel();
  model.chosen.roundsBefore = 11;
  model.rounds = [roundAt(10), roundAt(9)];
  applyEvent(model, event('round', roundAt(31)));
  t.deepEqual(model.rounds, [roundAt(10), roundAt(9)]);
});

test('what was never loaded stays so: one member is not the list of members', (t) => {
  const model = emptyModel();
  for (const kind of ['status', 'round', 'member', 'version', 'pattern', 'ledger', 'future']) {
    applyEvent(model, event(kind, { member: 'a', version: 1, id: 'b', round: 1 }));
  }
  const { members, patterns, rounds, status, versions } = model;
  t.deepEqual([members, patterns, rounds, status, versions], [null, null, null, null, null]);
});

test('every section has an address, and an unknown address leads to the overview', (t) => {
  for (const { section } of SECTIONS) t.is(sectionOf(`#/${section}`), section);
  t.is(sectionOf('#/elsewhere'), 'overview');
  t.is(sectionOf(''), 'overview');
});
