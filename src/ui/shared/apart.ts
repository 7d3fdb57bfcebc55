/** A name of unknown direction, apart from the sentence around it. */
export function apart(name: string): string {
  return `\u2068${name}\u2069`;
}
