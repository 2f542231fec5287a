// What no linter covers: clocks, randomness and timers outside adapters and composition roots,
// argv and env outside the command, and notes to self in comments.

import { isTestFile, type Room, roomOf } from './rooms.ts';
import type { CodeToken, SourceFile } from './source-file.ts';
import type { Violation } from './violation.ts';

/** Every use of the machine, and every comment, that the file's room may not have. */
export function banViolations(file: SourceFile): Violation[] {
  const room = roomOf(file.path);
  if (room === undefined) return [];
  const found = commentFindings(file);
  if (!isTestFile(file.path)) {
    for (const [at, token] of file.code.entries()) {
      const finding = judgeToken(room, file.code, at);
      if (finding !== undefined) found.push({ line: token.line, ...finding });
    }
  }
  return found.map((finding) => ({ file: file.path, ...finding }));
}

type Finding = Pick<Violation, 'rule' | 'advice'>;

const TAKE_CLOCK = 'take the Clock port and ask it';
const TAKE_RANDOM = 'take a seeded generator or bytes from the caller';

/** `object.member` pairs that reach for the machine. */
const MEMBERS: ReadonlyMap<string, Finding> = new Map([
  ...members('Date', ['now'], 'clock', TAKE_CLOCK),
  ...members('performance', ['now', 'timeOrigin'], 'clock', TAKE_CLOCK),
  ...members('process', ['hrtime', 'uptime'], 'clock', TAKE_CLOCK),
  ...members('AbortSignal', ['timeout'], 'timer', 'take an AbortSignal, or Clock.after'),
  ...members('Math', ['random'], 'randomness', TAKE_RANDOM),
  ...members('crypto', ['getRandomValues', 'randomUUID'], 'randomness', TAKE_RANDOM),
]);

const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);

function judgeToken(room: Room, code: readonly CodeToken[], at: number): Finding | undefined {
  const token = code[at];
  if (token?.type !== 'IdentifierName') return undefined;
  const isMember = /^\??\.$/.test(code[at - 1]?.value ?? '');
  const isGlobalMember = isMember && code[at - 2]?.value === 'globalThis';
  if (isMember && !isGlobalMember) return undefined;
  return (
    judgeProcess(room, code, at) ??
    (room.touchesMachine ? undefined : judgeMachine(code, at, token.value))
  );
}

function judgeMachine(code: readonly CodeToken[], at: number, name: string): Finding | undefined {
  const next = code[at + 1]?.value ?? '';
  if (TIMERS.has(name) && next !== ':') {
    return { rule: 'timer', advice: `${name}: take the Clock port (after, every, sleep)` };
  }
  if (name === 'Date' && isReadingNow(code, at)) {
    return { rule: 'clock', advice: `Date without an instant reads the clock; ${TAKE_CLOCK}` };
  }
  return MEMBERS.get(memberAt(code, at));
}

/** `new Date()`, `new Date` and `Date()`; `new Date(instant)` only converts. */
function isReadingNow(code: readonly CodeToken[], at: number): boolean {
  const isNew = code[at - 1]?.value === 'new';
  const next = code[at + 1]?.value;
  if (next !== '(') return isNew && next !== '.';
  return !isNew || code[at + 2]?.value === ')';
}

function judgeProcess(room: Room, code: readonly CodeToken[], at: number): Finding | undefined {
  const [object, member] = memberAt(code, at).split('.');
  if (object !== 'process' || (member !== 'argv' && member !== 'env')) return undefined;
  if (room.readsProcess.includes(member)) return undefined;
  return {
    rule: 'process',
    advice: `process.${member} is read by infra/cli; take the value as an option`,
  };
}

function memberAt(code: readonly CodeToken[], at: number): string {
  const [object, dot, member] = code.slice(at, at + 3);
  return /^\??\.$/.test(dot?.value ?? '') ? `${object?.value}.${member?.value}` : '';
}

function commentFindings(file: SourceFile): (Finding & { readonly line: number })[] {
  return file.comments.flatMap(({ value, line }) => {
    const note = /\b(TODO|FIXME|XXX|HACK)\b/.exec(value)?.[1];
    if (note !== undefined) {
      return [{ line, rule: 'note', advice: `${note}: do it now, or open an issue and delete it` }];
    }
    const silencer = /@ts-(ignore|nocheck|expect-error)/.exec(value)?.[0];
    if (silencer !== undefined) {
      return [{ line, rule: 'silenced', advice: `${silencer}: narrow the type instead` }];
    }
    return [];
  });
}

function members(
  object: string,
  names: readonly string[],
  rule: string,
  advice: string,
): [string, Finding][] {
  return names.map((name) => [
    `${object}.${name}`,
    { rule, advice: `${object}.${name}: ${advice}` },
  ]);
}
