// How a problem is told: what happened, and what to do.

export interface ProblemWords {
  readonly title: () => string;
  readonly about: () => string;
}
