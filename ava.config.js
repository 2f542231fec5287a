// Tests are .ts run by Node itself; two workers, one per core of a small machine.
// ONNX Runtime must not report to its vendor; the workers cannot change the process's environment.
process.env.ORT_DISABLE_TELEMETRY = '1';

export default {
  extensions: ['ts'],
  files: ['**/*.test.ts', '!**/node_modules/**', '!**/dist/**'],
  require: ['./test/property-seed.ts'],
  concurrency: 2,
  timeout: '3m',
};
