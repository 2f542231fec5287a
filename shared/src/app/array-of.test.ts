import test from 'ava';
import { arrayOf } from './array-of.ts';
import { recordDict } from './records.ts';

test('an array comes by its name, the model when none is given', (t) => {
  const [model, control] = [Float32Array.of(1), Float32Array.of(2)];
  const content = recordDict({ arrays: { model, control } });
  t.is(arrayOf(content), model);
  t.is(arrayOf(content, 'control'), control);
});

test('an array that is not there is refused with those that are', (t) => {
  const content = recordDict({ arrays: { weights: Float32Array.of(1) } });
  t.throws(() => arrayOf(content), {
    code: 'invalid-reply',
    message: 'there is no array model; there is weights',
  });
});
