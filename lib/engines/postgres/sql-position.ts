/** Places in a SQL source. The parser counts bytes of UTF-8, Postgres counts characters, JavaScript UTF-16 units. */
export interface PositionMap {
  /** Index in the string of a 0-based byte offset. */
  indexOfByte(byte: number): number
  /** Index in the string of a 0-based character (code point) offset. */
  indexOfCharacter(character: number): number
  /** 1-based line that holds an index of the string. */
  lineOfIndex(index: number): number
}

/** Costs one pass over the source at first use of what is not plain ASCII. */
export function positionMap(source: string): PositionMap {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII as a whole is meant.
  const isAscii = /^[\u0000-\u007f]*$/.test(source)
  const bytes = isAscii ? null : Buffer.from(source, "utf8")
  return {
    indexOfByte: (byte) => (bytes ? bytes.toString("utf8", 0, byte).length : byte),
    indexOfCharacter: (character) => (isAscii ? character : [...source].slice(0, character).join("").length),
    lineOfIndex: (index) => source.slice(0, index).split("\n").length,
  }
}
