import test from 'ava';
import type { InstanceRules } from './snow-instance.ts';
import { Snowball } from './snowball.ts';

const rules = (beta: number): InstanceRules => ({
  alphaPreference: 1,
  conditions: [{ alphaConfidence: 2, beta }],
});

test('the preference follows the polls won, two in a row decide', (t) => {
  const instance = new Snowball(rules(2), 'red');
  const polls = [
    [2, 'blue', 'blue', false],
    [2, 'red', 'blue', false],
    [1, 'red', 'red', false],
    [2, 'red', 'red', false],
    [2, 'red', 'red', true],
  ] as const;
  for (const [count, choice, preference, finalized] of polls) {
    instance.recordPoll(count, choice);
    t.is(instance.preference, preference);
    t.is(instance.finalized, finalized);
  }
  t.is(instance.strengthOf('red'), 4);
  t.is(instance.strengthOf('blue'), 1);
});

test('a failed poll costs the confidence and keeps the strength', (t) => {
  const instance = new Snowball(rules(2), 'red');
  instance.recordPoll(2, 'blue');
  instance.recordUnsuccessfulPoll();
  instance.recordPoll(2, 'blue');
  t.false(instance.finalized);
  instance.recordPoll(2, 'blue');
  t.true(instance.finalized);
  t.is(instance.strengthOf('blue'), 3);
});

test('what is decided can differ from what won most polls', (t) => {
  const instance = new Snowball(rules(2), 'red');
  instance.recordPoll(2, 'red');
  instance.recordUnsuccessfulPoll();
  instance.recordPoll(2, 'red');
  instance.recordUnsuccessfulPoll();
  instance.recordPoll(2, 'blue');
  t.is(instance.preference, 'red');
  instance.recordPoll(2, 'blue');
  t.true(instance.finalized);
  t.is(instance.preference, 'blue');
  t.is(instance.strongest, 'red');
  t.deepEqual([instance.strengthOf('red'), instance.strengthOf('blue')], [2, 2]);
});

test('polls after the decision change the strength and not the decision', (t) => {
  const instance = new Snowball(rules(1), 'red');
  instance.recordPoll(2, 'red');
  t.true(instance.finalized);
  instance.recordPoll(2, 'blue');
  instance.recordPoll(1, 'blue');
  instance.recordPoll(2, 'blue');
  t.is(instance.preference, 'red');
  t.is(instance.strongest, 'blue');
  t.deepEqual([instance.strengthOf('red'), instance.strengthOf('blue')], [1, 3]);
});

test('among many choices the older preference stays until one is strictly stronger', (t) => {
  const instance = new Snowball(rules(2), 'red');
  instance.recordPoll(2, 'blue');
  instance.recordPoll(2, 'green');
  t.is(instance.preference, 'blue');
  instance.recordPoll(2, 'green');
  t.is(instance.preference, 'green');
  t.true(instance.finalized);
});

test('an extended instance takes strength and confidence along, as does a clone', (t) => {
  const unary = new Snowball(rules(2), 'all');
  const polls = [2, 1, 2, 0, 2];
  for (const count of polls) unary.recordPoll(count, 'all');
  t.is(unary.strengthOf('all'), 4);
  t.deepEqual(unary.confidence, [1]);
  const clone = unary.extend('all');
  t.is(clone.strengthOf('all'), 4);

  const binary = clone.extend<0 | 1>(0);
  t.deepEqual([binary.strengthOf(0), binary.strengthOf(1)], [4, 0]);
  t.deepEqual(binary.confidence, [1]);
  for (let i = 0; i < 5; i += 1) {
    t.is(binary.preference, 0);
    binary.recordUnsuccessfulPoll();
    binary.recordPoll(2, 1);
    t.false(binary.finalized);
  }
  t.is(binary.preference, 1);
  binary.recordPoll(2, 1);
  t.true(binary.finalized);
  t.deepEqual(unary.confidence, [1]);
  t.false(unary.finalized);
});
