// The one door through which zod enters: rooms build their schemas from this.

export { z } from 'zod';
