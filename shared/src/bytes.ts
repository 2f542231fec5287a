// Byte strings in message schemas, whatever buffer holds them.

import { z } from 'zod';

export const bytesSchema = z.custom<Uint8Array>((value) => value instanceof Uint8Array, {
  error: 'expected a byte string',
});
