// What a rule reports: where, which rule, and what to do.

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly advice: string;
}

export function describeViolation({ file, line, rule, advice }: Violation): string {
  return `${file}:${line} [${rule}] ${advice}`;
}
