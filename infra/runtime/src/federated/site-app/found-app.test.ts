import test from 'ava';
import { readAppFolder } from '../app/app-folder.ts';
import { templateFolder } from '../new-app.ts';
import { foundApp } from './found-app.ts';

const plain = { mode: 'plain' } as const;

test("the genesis has the app's own strategy by name and options, without whom it asks", async (t) => {
  const app = await readAppFolder(templateFolder('logistic'));
  const terms = { aggregation: plain, runConfig: app.config, seed: 3 };
  const { initial, task } = await foundApp(app, terms);
  t.like(task, { name: 'logistic', strategy: 'FedAvg', elements: initial.length });
  t.deepEqual(JSON.parse(task.options), { 'weighted-by-key': 'num-examples' });
  t.deepEqual(JSON.parse(task.config), app.config);
  t.deepEqual((await foundApp(app, terms)).task, task, 'the same again');
  const strategy = { name: 'FedAdam', options: { 'eta-l': 0.5 } };
  t.like((await foundApp(app, { ...terms, strategy })).task, { strategy: 'FedAdam' });
  t.not((await foundApp(app, { ...terms, seed: 4 })).task.initial, task.initial);
});

test('a strategy that a federation cannot run is refused before anything is founded', async (t) => {
  const app = await readAppFolder(templateFolder('logistic'));
  const terms = { aggregation: plain, runConfig: app.config, seed: 3 };
  const named = (name: string, options = {}) =>
    foundApp(app, { ...terms, strategy: { name, options } });
  await t.throwsAsync(named('SCAFFOLD'), { code: 'needs-updates' });
  await t.throwsAsync(named('FedAdam', { eta: -1 }), { code: 'invalid-options' });
  await t.throwsAsync(named('FedAdam', { 'min-train-nodes': 3 }), { code: 'invalid-options' });
});
