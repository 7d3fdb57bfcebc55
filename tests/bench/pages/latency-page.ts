// What the edit-latency bench asks of a page, ours and the peer's alike.

export interface LatencyPage {
  /** Meets the other browser; resolves when edits can flow. */
  join(where: string): Promise<void>;
  /** Types a word at the end and gives the moment, in milliseconds since 1970. */
  write(mark: string): number;
  /** From now on notes when each word becomes readable; gives a way to read the notes. */
  listen(): () => Record<string, number>;
}
