// The corpus of a site: pure text in, pairs out. Reading files is the caller's.
export {
  dealPackages,
  PAIRS_PER_PACKAGE_MAX,
  type PackagePairs,
  type SiteCorpus,
} from './deal-packages.ts';
export {
  ANSWER_LENGTH_MAX,
  documentedDeclarations,
} from './documented-declarations.ts';
export { isBoilerplateFile, markdownSections } from './markdown-sections.ts';
export { distinctPairs, type Pair, splitOf } from './pairs.ts';
