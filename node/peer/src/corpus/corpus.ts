// The corpus of a site: pure text in, pairs out. Reading files is the caller's.
export {
  dealPackages,
  type PackagePairs,
  pairsPerPackageMax,
  type SiteCorpus,
  sitesMax,
} from './deal-packages.ts';
export {
  answerLengthMax,
  documentedDeclarations,
  sourceLengthMax,
} from './documented-declarations.ts';
export { isBoilerplateFile, markdownLengthMax, markdownSections } from './markdown-sections.ts';
export { distinctPairs, type Pair, type Split, splitOf, splitPairs } from './pairs.ts';
