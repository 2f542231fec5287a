import { BooleanColumn } from './boolean-column.ts';
import type { Column, ColumnType } from './column-types.ts';
import { KeywordColumn } from './keyword-column.ts';
import { KeywordsColumn } from './keywords-column.ts';
import { NumberColumn } from './number-column.ts';
import { isKeyword } from './parse-value.ts';
import type { SectionBytes } from './section-bytes.ts';

export function createColumn(type: ColumnType): Column {
  switch (type) {
    case 'integer':
    case 'number':
    case 'timestamp':
      return new NumberColumn(type);
    case 'boolean':
      return new BooleanColumn();
    case 'keyword':
      return new KeywordColumn();
    case 'keywords':
      return new KeywordsColumn();
  }
}

/**
 * The column whose `encode(slotCount)` gave these sections.
 *
 * @throws IndexError `corrupt-file`
 */
export function decodeColumn(type: ColumnType, sections: SectionBytes, slotCount: number): Column {
  if (type !== 'boolean' && type !== 'keyword' && type !== 'keywords') {
    return decodeNumbers(type, sections, slotCount);
  }
  const column = createColumn(type);
  if (type === 'boolean') decodeBooleans(column, sections, slotCount);
  else if (type === 'keyword') decodeKeyword(column, sections, slotCount);
  else decodeKeywords(column, sections, slotCount);
  return column;
}

/** Without a set per row: a million doubles are not to become a million objects. */
function decodeNumbers(
  type: NumberColumn['type'],
  sections: SectionBytes,
  slotCount: number,
): NumberColumn {
  const present = sections.rows('present', slotCount);
  const values = sections.doubles('values', slotCount);
  for (const slot of present.toSlots()) {
    const value = values[slot] as number;
    const isSound = type === 'number' ? Number.isFinite(value) : Number.isSafeInteger(value);
    if (!isSound) sections.require(false, `row ${slot} holds ${value}`);
    values[slot] = value + 0;
  }
  const column = new NumberColumn(type);
  column.restore(present, values);
  return column;
}

function decodeBooleans(column: Column, sections: SectionBytes, slotCount: number): void {
  const present = sections.rows('present', slotCount);
  const isTrue = sections.rows('true', slotCount);
  sections.require(isTrue.andNot(present).count === 0, 'a row without a value is true');
  for (const slot of present.toSlots()) column.set(slot, isTrue.has(slot));
}

function decodeKeyword(column: Column, sections: SectionBytes, slotCount: number): void {
  const terms = decodeTerms(sections);
  const codes = sections.integers('codes', 0, terms.length, slotCount);
  for (const [slot, code] of codes.entries()) {
    const term = terms[code - 1];
    if (term !== undefined) column.set(slot, term);
  }
}

function decodeKeywords(column: Column, sections: SectionBytes, slotCount: number): void {
  const terms = decodeTerms(sections);
  const present = sections.rows('present', slotCount);
  const codes = sections.integers('codes', 0, terms.length - 1);
  const counts = sections.integers('counts', 0, codes.length, slotCount);
  let place = 0;
  for (const [slot, count] of counts.entries()) {
    sections.require(count === 0 || present.has(slot), `row ${slot} has terms and no value`);
    if (!present.has(slot)) continue;
    const own = [...codes.subarray(place, place + count)].map((code) => terms[code] as string);
    sections.require(own.length === count, 'codes are missing');
    sections.require(new Set(own).size === count, `row ${slot} has a term twice`);
    column.set(slot, own);
    place += count;
  }
  sections.require(place === codes.length, 'there are codes of no row');
}

function decodeTerms(sections: SectionBytes): readonly string[] {
  const terms = sections.json('terms');
  sections.require(Array.isArray(terms) && terms.every(isKeyword), 'terms are not texts');
  sections.require(new Set(terms).size === terms.length, 'a term stands twice');
  return terms;
}
