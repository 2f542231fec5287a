// Settings of a run, as Flower's users write them: "num-server-rounds=5 local-epochs=3 name='x y'".

import { AppError, type ConfigRecord, type Scalar } from '@starling/shared';

export const SETTING_KEY = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const SETTING = /\s*([^\s=]+)=("[^"]*"|'[^']*'|[^\s"']*)(?=\s|$)/y;

/** @throws AppError `invalid-config`, with the part that is no `key=value` */
export function parseSettings(text: string): ConfigRecord {
  const settings: Record<string, Scalar> = {};
  SETTING.lastIndex = 0;
  while (text.slice(SETTING.lastIndex).trim() !== '') {
    const from = SETTING.lastIndex;
    const [, key = '', value = ''] = SETTING.exec(text) ?? refuseRest(text.slice(from));
    if (!SETTING_KEY.test(key)) refuse(`${key} is no key in kebab-case, such as local-epochs`);
    if (Object.hasOwn(settings, key)) refuse(`${key} is given twice`);
    settings[key] = scalarOf(value);
  }
  return settings;
}

/**
 * An app's settings with some of them changed. Only what the app declares can be changed, and a number
 * stays a number.
 *
 * @throws AppError `invalid-config`, naming the key and the known ones, or both types
 */
export function mergeSettings(declared: ConfigRecord, changed: ConfigRecord): ConfigRecord {
  for (const [key, value] of Object.entries(changed)) {
    const before = declared[key];
    if (before === undefined) {
      const known = Object.keys(declared).sort().join(', ') || 'none';
      refuse(`the app has no setting ${key}; it has ${known}`);
    }
    if (typeof value === typeof before) continue;
    refuse(`${key} is ${JSON.stringify(value)}, a ${typeof value}; the app has a ${typeof before}`);
  }
  return { ...declared, ...changed };
}

function scalarOf(text: string): Scalar {
  const quoted = /^(["'])(.*)\1$/.exec(text);
  if (quoted !== null) return quoted[2] ?? '';
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text !== '' && Number.isFinite(number) ? number : text;
}

function refuseRest(rest: string): never {
  return refuse(`"${rest.trim()}" does not begin with key=value; quote values with blanks`);
}

function refuse(message: string): never {
  throw new AppError('invalid-config', message);
}
