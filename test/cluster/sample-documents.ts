// Tiny documents of one site: queries and answers share words, and no two sites share a document.

export interface SampleDocument {
  readonly query: string;
  readonly answer: string;
  readonly source: string;
}

const TOPICS = ['heron', 'wren', 'kite', 'swift', 'robin', 'crane', 'finch', 'plover'] as const;
const TRAITS = ['nest', 'song', 'flight', 'feather', 'egg', 'migration', 'beak'] as const;

/** `count` documents that only `site` has. */
export function sampleDocuments(site: string, count: number): SampleDocument[] {
  return Array.from({ length: count }, (_, i) => {
    const topic = TOPICS[i % TOPICS.length];
    const trait = TRAITS[i % TRAITS.length];
    return {
      query: `what does ${site} note ${i} say of the ${trait} of a ${topic}`,
      answer: `${site} note ${i}: the ${trait} of a ${topic} was seen at pond ${i * 7 + 3}`,
      source: `${site}/${i}.md`,
    };
  });
}
