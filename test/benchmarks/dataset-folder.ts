// Where public data sets lie: beside the repository, or beside a folder that holds it.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The data set under the nearest folder upwards that has it; else where it belongs. */
export function datasetFolder(name: string): string {
  const root = join(import.meta.dirname, '../../..');
  for (let at = root; ; at = dirname(at)) {
    const folder = join(at, 'shared/datasets', name);
    if (existsSync(folder)) return folder;
    if (dirname(at) === at) return join(root, 'shared/datasets', name);
  }
}
