// Who may import what: the table of rooms, faces, heavy libraries and modules of Node.

import { posix } from 'node:path';
import {
  BUILTIN_RULES,
  HEAVY_LIBRARIES,
  isTestFile,
  ROOMS,
  type Room,
  roomOf,
  TEST_LIBRARIES,
} from './rooms.ts';
import type { SourceFile } from './source-file.ts';
import type { Violation } from './violation.ts';

/** Every import of a file that its room may not have. */
export function importViolations(file: SourceFile): Violation[] {
  const room = roomOf(file.path);
  if (room === undefined) return [];
  return file.references.flatMap(({ specifier, line }) => {
    const found = judge(file.path, room, specifier);
    return found === undefined ? [] : [{ file: file.path, line, ...found }];
  });
}

type Finding = Pick<Violation, 'rule' | 'advice'>;

function judge(path: string, room: Room, specifier: string): Finding | undefined {
  if (specifier.startsWith('.')) return judgeRelative(path, room, specifier);
  if (specifier.startsWith('node:')) return judgeBuiltin(path, room, specifier);
  const name = packageOf(specifier);
  if (name.startsWith('@starling/')) return judgeRoom(room, name);
  return judgeLibrary(path, room, name);
}

function judgeRelative(path: string, room: Room, specifier: string): Finding | undefined {
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  if (!target.startsWith(`${room.folder}/`)) {
    const other = roomOf(target);
    const isScript = other !== undefined && other.packageName === undefined;
    if (isScript && room.mayImport.includes(other.folder)) return undefined;
    // A folder named by `new URL`, such as the workspace root, is data; the reader answers for it.
    if (other === undefined && !/\.[cm]?[jt]s$/.test(target)) return undefined;
    return {
      rule: 'leaves-package',
      advice: `'${specifier}' leaves ${room.folder}; import the other package by its name`,
    };
  }
  if (target === `${room.folder}/src/index.ts`) {
    return {
      rule: 'own-face',
      advice: `index.ts is for users of ${room.folder}; import the file that defines it`,
    };
  }
  return undefined;
}

function judgeRoom(room: Room, name: string): Finding | undefined {
  if (name === room.packageName) {
    return { rule: 'own-face', advice: `${name} imports itself; import the file that defines it` };
  }
  const allowed = allowedPackages(room);
  if (allowed.includes(name)) return undefined;
  return {
    rule: 'room-table',
    advice:
      `${room.folder} may import ${allowed.join(', ') || 'no other room'}, not ${name}; ` +
      'pass it in through a port, or move the code to a room that may',
  };
}

function judgeLibrary(path: string, room: Room, name: string): Finding | undefined {
  if (TEST_LIBRARIES.test(name) && !isTestFile(path)) {
    return { rule: 'test-library', advice: `${name} belongs in *.test.ts files and in test/` };
  }
  return judgeHeavy(room, name);
}

/** The one-room rule of heavy libraries; manifests obey it too. */
export function judgeHeavy(room: Room, name: string): Finding | undefined {
  const heavy = HEAVY_LIBRARIES.find(({ pattern }) => pattern.test(name));
  if (heavy === undefined || heavy.rooms.includes(room.folder)) return undefined;
  return {
    rule: 'heavy-library',
    advice: `${name} (${heavy.name}) lives in ${heavy.rooms.join(', ')} only; use that room's face`,
  };
}

function judgeBuiltin(path: string, room: Room, specifier: string): Finding | undefined {
  if (isTestFile(path)) return undefined;
  if (room.isPure && !specifier.startsWith('node:assert')) {
    return {
      rule: 'pure-room',
      advice: `${room.folder} is pure and imports no ${specifier}; take a port or a value instead`,
    };
  }
  const broken = BUILTIN_RULES.find(
    ({ pattern, rooms }) => pattern.test(specifier) && !rooms.includes(room.folder),
  );
  if (broken === undefined) return undefined;
  return {
    rule: 'builtin',
    advice: `${specifier} is for ${broken.rooms.join(', ')}; ${broken.advice}`,
  };
}

/** Names of the packages that a room may import. */
export function allowedPackages(room: Room): string[] {
  return ROOMS.filter(({ folder }) => room.mayImport.includes(folder)).flatMap(
    ({ packageName }) => packageName ?? [],
  );
}

/** `@scope/name/file` → `@scope/name`, `name/file` → `name`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
