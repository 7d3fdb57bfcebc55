// What the traffic of a session (engine.ts) asks of what a person made of a space, and what it answers to a message.

import type { NetworkPolicy } from '#core/ports.ts';

/** What a person made of a space: a contact, a group. */
export interface SpaceHost {
  readonly policy: NetworkPolicy;
  /** Nobody of it gets an answer of any kind. */
  readonly isShut: boolean;
  /** Screens are to be brought up to date. */
  touch(): void;
}

export type SayResult = 'saved' | 'closed' | 'no-room' | 'newer' | 'shut';
