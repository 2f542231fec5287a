// What manifests may declare: rooms of the table, heavy libraries at home, versions of the catalog.

import { allowedPackages, judgeHeavy } from './import-rules.ts';
import { ROOMS } from './rooms.ts';
import type { Violation } from './violation.ts';

const SECTIONS = [
  'dependencies',
  'devDependencies',
  'peerDependencies',
  'optionalDependencies',
] as const;

export type Manifest = { readonly name?: string } & {
  readonly [section in (typeof SECTIONS)[number]]?: Readonly<Record<string, string>>;
};

/** Every dependency that a room's manifest (`<folder>/package.json`) may not declare. */
export function manifestViolations(folder: string, text: string): Violation[] {
  const room = ROOMS.find((candidate) => candidate.folder === folder);
  const file = `${folder}/package.json`;
  const manifest = JSON.parse(text) as Manifest;
  if (room === undefined || room.packageName !== manifest.name) {
    return [violation(file, 1, 'room-table', `${manifest.name} is not in rooms.ts; add its row`)];
  }
  const allowed = allowedPackages(room);
  return dependenciesOf(manifest).flatMap(([name, range]) => {
    const line = lineOf(text, name);
    if (name.startsWith('@starling/')) {
      return [
        ...(allowed.includes(name)
          ? []
          : [
              violation(file, line, 'room-table', `${folder} may not depend on ${name}; remove it`),
            ]),
        ...(range === 'workspace:*'
          ? []
          : [violation(file, line, 'version', `${name}: write "workspace:*", not "${range}"`)]),
      ];
    }
    const heavy = judgeHeavy(room, name);
    return [
      ...(heavy === undefined ? [] : [{ file, line, ...heavy }]),
      ...(range === 'catalog:'
        ? []
        : [violation(file, line, 'version', `${name}: put the exact version in the catalog`)]),
    ];
  });
}

/** Every catalog version of `pnpm-workspace.yaml` that is not exact. */
export function catalogViolations(catalog: ReadonlyMap<string, string>): Violation[] {
  return [...catalog]
    .filter(([, range]) => !/^(npm:@?[^@]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
    .map(([name, range]) =>
      violation('pnpm-workspace.yaml', 1, 'version', `${name}: ${range} is not an exact version`),
    );
}

function dependenciesOf(manifest: Manifest): [string, string][] {
  return SECTIONS.flatMap((section) => Object.entries(manifest[section] ?? {}));
}

function lineOf(text: string, name: string): number {
  return text.slice(0, text.indexOf(`"${name}"`)).split('\n').length;
}

function violation(file: string, line: number, rule: string, advice: string): Violation {
  return { file, line, rule, advice };
}
