// Opens a collection, says so, and holds it until it is killed.

import { writeSync } from 'node:fs';
import { Collection } from '@starling/index';

const collection = await Collection.open(process.argv[2] ?? '', { dimension: 2 });
await collection.upsert([{ id: 'a', vector: [1, 2] }]);
writeSync(1, 'open\n');
process.stdin.resume();
