// The colour of somebody's cursor in a document.

/**
 * Dark enough for white letters on it. Six hexadecimal digits: what draws the cursors appends two more for a lighter
 * shade, and complains of anything else.
 */
const CURSOR_COLOURS = ['#7a3b0c', '#27566b', '#7b2a57', '#3d5a27', '#5a4a9c', '#8a2233'] as const;

export function cursorColour(client: number): string {
  return CURSOR_COLOURS[client % CURSOR_COLOURS.length]!;
}
