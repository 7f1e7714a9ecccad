/** Where in a stored object something was found; every part is known at some level and filled in there. */
export interface Place {
  readonly path?: string | undefined;
  /** `footer`, `metadata`, `streams`, `pointers`, `logs`, `toc`. */
  readonly part?: string;
  readonly section?: number;
  readonly column?: string;
  readonly page?: number;
}

/** Stored bytes are not what their writer wrote. Reading anything else is safe to go on with. */
export class CorruptObject extends Error {
  override readonly name = 'CorruptObject';
  readonly reason: string;
  readonly place: Place;

  constructor(reason: string, place: Place = {}) {
    super(`${describePlace(place)}: ${reason}`);
    this.reason = reason;
    this.place = place;
  }
}

function describePlace(place: Place): string {
  const words = [
    place.path ?? 'object',
    place.part,
    place.section === undefined ? undefined : `section ${place.section}`,
    place.column === undefined ? undefined : `column ${place.column}`,
    place.page === undefined ? undefined : `page ${place.page}`,
  ];
  return words.filter((word) => word !== undefined).join(', ');
}

/**
 * Runs a decoder and says where it failed. A RangeError or TypeError of a typed array, a DataView or JSON.parse means that
 * the bytes lied about a size, so it is corruption too.
 */
export function inPlace<T>(place: Place, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw atPlace(place, error);
  }
}

/** The same error with the place filled in; errors that are not about bytes stay as they are. */
export function atPlace(place: Place, error: unknown): unknown {
  if (error instanceof CorruptObject) return new CorruptObject(error.reason, { ...place, ...error.place });
  if (error instanceof RangeError || error instanceof SyntaxError) return new CorruptObject(error.message, place);
  return error;
}
