import test from 'ava';
import type { InstanceRules } from './snow-instance.ts';
import { Snowflake } from './snowflake.ts';

const single = (beta: number): InstanceRules => ({
  alphaPreference: 1,
  conditions: [{ alphaConfidence: 2, beta }],
});

const errorDriven: InstanceRules = {
  alphaPreference: 3,
  conditions: [
    { alphaConfidence: 3, beta: 4 },
    { alphaConfidence: 4, beta: 3 },
    { alphaConfidence: 5, beta: 2 },
  ],
};

test('alphaPreference changes the preference, alphaConfidence twice in a row decides', (t) => {
  const instance = new Snowflake(single(2), 'red');
  const polls = [
    [2, 'blue', 'blue', false],
    [1, 'red', 'red', false],
    [2, 'red', 'red', false],
    [2, 'red', 'red', true],
    [1, 'blue', 'red', true],
    [2, 'blue', 'red', true],
  ] as const;
  for (const [count, choice, preference, finalized] of polls) {
    instance.recordPoll(count, choice);
    t.is(instance.preference, preference);
    t.is(instance.finalized, finalized);
  }
});

test('another choice starts the confidence anew', (t) => {
  const instance = new Snowflake(single(4), 'red');
  for (let i = 0; i < 3; i += 1) instance.recordPoll(2, 'blue');
  for (let i = 0; i < 3; i += 1) instance.recordPoll(2, 'red');
  t.false(instance.finalized);
  instance.recordPoll(2, 'red');
  t.true(instance.finalized);
  t.is(instance.preference, 'red');
});

test('nobody else in sight, a choice still needs beta polls', (t) => {
  const instance = new Snowflake(single(2), 'red');
  instance.recordPoll(2, 'red');
  t.false(instance.finalized);
  instance.recordPoll(2, 'red');
  t.true(instance.finalized);
});

for (const [i, { alphaConfidence, beta }] of errorDriven.conditions.entries()) {
  test(`polls of ${alphaConfidence} answers decide after ${beta}, also after a failed one`, (t) => {
    const instance = new Snowflake(errorDriven, 0);
    for (let poll = 1; poll < beta; poll += 1) instance.recordPoll(alphaConfidence, 0);
    instance.recordUnsuccessfulPoll();
    t.deepEqual(instance.confidence, [0, 0, 0]);
    for (let poll = 1; poll <= beta; poll += 1) {
      instance.recordPoll(alphaConfidence, 0);
      t.deepEqual(
        instance.confidence,
        [0, 1, 2].map((j) => (j <= i ? poll : 0)),
      );
      t.is(instance.finalized, poll === beta);
    }
  });
}

test('a weaker poll resets only the conditions that it does not reach', (t) => {
  const instance = new Snowflake(errorDriven, 0);
  const polls = [
    [5, [1, 1, 1], false],
    [4, [2, 2, 0], false],
    [3, [3, 0, 0], false],
    [5, [4, 0, 0], true],
  ] as const;
  for (const [count, confidence, finalized] of polls) {
    instance.recordPoll(count, 0);
    t.deepEqual(instance.confidence, [...confidence]);
    t.is(instance.finalized, finalized);
  }
});

test('switching choices resets every condition', (t) => {
  const instance = new Snowflake(errorDriven, 0);
  const polls = [
    [3, 0, [1, 0, 0], 0],
    [2, 1, [0, 0, 0], 0],
    [3, 0, [1, 0, 0], 0],
    [0, 0, [0, 0, 0], 0],
    [3, 1, [1, 0, 0], 1],
    [5, 1, [2, 1, 1], 1],
    [5, 1, [3, 2, 2], 1],
  ] as const;
  for (const [count, choice, confidence, preference] of polls) {
    instance.recordPoll(count, choice);
    t.deepEqual(instance.confidence, [...confidence]);
    t.is(instance.preference, preference);
  }
  t.true(instance.finalized);
});

test('an extended instance goes on where the old one was and leaves it alone', (t) => {
  const unary = new Snowflake(single(3), 'all');
  unary.recordPoll(2, 'all');
  unary.recordPoll(2, 'all');
  const binary = unary.extend<0 | 1>(1);
  t.is(binary.preference, 1);
  t.deepEqual(binary.confidence, [2]);
  binary.recordPoll(2, 1);
  t.true(binary.finalized);
  t.false(unary.finalized);
  t.is(unary.strengthOf(), 0);
});
