// Apps lie anywhere on the disk and import @starling/training and @starling/rules: those names lead to
// the packages that run them, so that an app needs no installation and both sides share one copy.

import { registerHooks } from 'node:module';

/** What an app may import of ours. */
const OFFERED = ['shared', 'crypto', 'training', 'rules'].map((name) => `@starling/${name}`);

let isRegistered = false;

/** Registers the resolution in this thread; threads that load apps call it themselves. */
export function resolveStarling(): void {
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      if (!OFFERED.includes(specifier)) return next(specifier, context);
      return next(specifier, { ...context, parentURL: import.meta.url });
    },
  });
}
