#!/usr/bin/env node
// The door of the command: plain JavaScript, so that an old Node can read it and say what to do.

const oldest = [24, 12];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  process.stderr.write(
    `starling needs Node ${oldest.join('.')} or newer; ` +
      `${process.execPath} is Node ${process.versions.node}.\n` +
      'On Linux x64, in a clone of the repository, pnpm brings the right Node along:\n' +
      '  npx -y pnpm@12.21.0 starling <command>\n' +
      'Elsewhere install Node 24 from https://nodejs.org and run this again.\n',
  );
  process.exitCode = 1;
} else {
  const { existsSync, readFileSync } = await import('node:fs');
  // The workspace runs its sources; a published package has only what was emitted from them.
  const isWorkspace = existsSync(new URL('../src/main.ts', import.meta.url));
  const { main } = await import(isWorkspace ? '../src/main.ts' : '../dist/src/main.js');
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const exitCode = await main(process.argv.slice(2), JSON.parse(manifest).version);
  if (typeof exitCode === 'number') process.exitCode = exitCode;
}
