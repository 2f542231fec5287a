// Loaded by AVA before every test file: properties draw the same cases in every run.

import { fc } from '@fast-check/ava';
import { configureGlobal } from 'fast-check';

const SEED = 20_261_120;

fc.configureGlobal({ seed: SEED });
configureGlobal({ seed: SEED });
