import test from 'ava';
import { configNumber, configText } from './config-value.ts';

test('a setting comes with its type, or is refused with its key and what was expected', (t) => {
  const config = { 'local-epochs': 5, site: 'north', rate: '0.1' };
  t.is(configNumber(config, 'local-epochs'), 5);
  t.is(configText(config, 'site'), 'north');
  const refused = (read: () => unknown, message: RegExp) =>
    t.throws(read, { code: 'invalid-config', message });
  refused(() => configNumber(config, 'rate'), /^rate is "0.1", not a number$/);
  refused(() => configNumber({ rate: Number.NaN }, 'rate'), /rate is null, not a number/);
  refused(() => configText(config, 'local-epochs'), /^local-epochs is 5, not a text$/);
  refused(() => configNumber(config, 'epochs'), /no epochs.*a number; there is local-epochs, site/);
  refused(() => configText({}, 'site'), /there is no keys$/);
});
