// Tests are .ts run by Node itself; two workers, one per core of a small machine.
export default {
  extensions: ['ts'],
  files: ['**/*.test.ts', '!**/node_modules/**', '!**/dist/**'],
  require: ['./test/property-seed.ts'],
  concurrency: 2,
  timeout: '3m',
};
