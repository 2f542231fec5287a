// A folder of one test, gone when the test is.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

export function temporaryFolder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'starling-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
