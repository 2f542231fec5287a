import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { decodeCommand, encodeCommand } from './contender-protocol.ts';

const whole = fc.nat();
const file = fc.string().map((text) => text.replace(/[\t\r\n]/g, ' '));

testProp(
  'a command is read as it was written, on one line, whatever the file is called',
  [
    fc.oneof(
      fc.record({
        name: fc.constant('build' as const),
        file,
        rows: whole,
        dimension: whole,
        m: whole,
        efConstruction: whole,
        threads: whole,
      }),
      fc.record({
        name: fc.constant('search' as const),
        file,
        count: whole,
        dimension: whole,
        k: whole,
        efSearch: whole,
        withResults: fc.boolean(),
      }),
    ),
  ],
  (t, command) => {
    const line = encodeCommand(command);
    t.regex(line, /^[^\n]*\n$/);
    t.deepEqual(decodeCommand(line.slice(0, -1)), command);
  },
);

test('a line that is no command is refused', (t) => {
  for (const line of ['', 'build', 'search\tx\t1\t2\t3\t4', 'build\tx\t1\t2\t3\t4\tfive']) {
    t.throws(() => decodeCommand(line), { message: /^no command: / });
  }
});
