// Where a site lies on disk unless --home says otherwise.

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Option } from 'commander';

export function homeOption(): Option {
  return new Option('--home <folder>', "the site's folder")
    .env('STARLING_HOME')
    .default(join(homedir(), '.starling'), '~/.starling')
    .argParser((value: string) => resolve(value));
}
