// The corpus of a site: pure text in, pairs out. Reading files is the caller's.
export {
  dealPackages,
  type PackagePairs,
  pairsPerPackageMax,
  type SiteCorpus,
} from './deal-packages.ts';
export {
  answerLengthMax,
  documentedDeclarations,
} from './documented-declarations.ts';
export { isBoilerplateFile, markdownSections } from './markdown-sections.ts';
export { distinctPairs, type Pair, splitOf } from './pairs.ts';
