import { TrainingError } from '../training-error.ts';

/** @throws TrainingError `invalid-options`, naming the option */
export function assertPositiveInteger(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new TrainingError('invalid-options', `${name} is ${value}: a whole number from 1 on`);
}
