// Where an own message is, in words.

import type { Delivery } from '#app/api.ts';
import { m } from '#texts/messages.js';

const WORDS: Record<Delivery, () => string> = {
  sending: m.delivery_sending,
  waiting: m.delivery_waiting,
  relay: m.delivery_relay,
  delivered: m.delivery_delivered,
};

export function deliveryWords(delivery: Delivery): string {
  return WORDS[delivery]();
}
