import { AppError } from './app-error.ts';
import type { RecordDict } from './records.ts';

/**
 * An array of a message or an answer by name, the model's weights unless told otherwise.
 *
 * @throws AppError `invalid-reply`, naming what there is instead
 */
export function arrayOf(content: Pick<RecordDict, 'arrays'>, name = 'model'): Float32Array {
  const array = content.arrays[name];
  if (array !== undefined) return array;
  const names = Object.keys(content.arrays).join(', ') || 'no arrays';
  throw new AppError('invalid-reply', `there is no array ${name}; there is ${names}`);
}
