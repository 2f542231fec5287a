import { Segment } from './segment.ts';
import type { SegmentIndex } from './segment-index.ts';
import type { SegmentSet } from './segment-set.ts';

/**
 * Puts another index of the same rows in the place of a segment's, with the same metadata. The next
 * checkpoint writes the segment whole; until then its former files and the log hold it.
 */
export function replaceIndex(segments: SegmentSet, segment: Segment, index: SegmentIndex): void {
  const replacement = new Segment(index);
  for (const [id, metadata] of segment.metadataRows()) replacement.restoreMetadata(id, metadata);
  segments.replace(segments.segments.map((each) => (each === segment ? replacement : each)));
}
