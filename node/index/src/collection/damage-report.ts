/** How something in a folder can be wrong. */
export const DAMAGE_KINDS = [
  'missing',
  'changed',
  'contradiction',
  'unreachable',
  'not-found',
] as const;

export type DamageKind = (typeof DAMAGE_KINDS)[number];

/** Whether a repair mends a damage; by force means that something is given up. */
export type Mending = 'possible' | 'by-force' | 'impossible';

/** One thing that is wrong in a folder. */
export interface Damage {
  readonly kind: DamageKind;
  /** Path of the file within the folder. */
  readonly file: string;
  /** Part of the file, where it has parts. */
  readonly section?: string;
  /** Where in the file it begins. */
  readonly offsetBytes?: number;
  readonly detail: string;
  readonly mending: Mending;
  /** What to do. */
  readonly remedy: string;
}

type Remedy = Pick<Damage, 'mending' | 'remedy'>;

/** For what can be built anew from the rows. */
export const REPAIRABLE: Remedy = Object.freeze({
  mending: 'possible',
  remedy: 'repair the folder: the links are built anew from the rows',
});

/** For what only a copy can replace. */
export const UNREPAIRABLE: Remedy = Object.freeze({
  mending: 'impossible',
  remedy: 'restore the folder from a snapshot or a copy',
});

/** A damage as one line. */
export function describeDamage({ detail, file, offsetBytes, remedy, section }: Damage): string {
  const places = [
    ...(section === undefined ? [] : [`section ${section}`]),
    ...(offsetBytes === undefined ? [] : [`byte ${offsetBytes}`]),
  ];
  const where = places.length > 0 ? `${file} (${places.join(', ')})` : file;
  return `${where}: ${detail}; ${remedy}`;
}
