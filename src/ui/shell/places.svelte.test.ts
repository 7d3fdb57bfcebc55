// Addresses inside the app hold nothing that lasts.
import { describe, expect, it } from 'vitest';
import type { ContactId } from '#app/api.ts';
import { chatPlace, contactPlace, forgetPlaces, idAt } from './places.ts';

const ID = 'f00dcafe f00dcafe' as ContactId;
const word = (place: string): string => place.split('/').at(-1)!;

describe('places', () => {
  it('hold no part of an id, and lead back to it', () => {
    const place = chatPlace(ID);
    expect(place).not.toContain('f00d');
    expect(idAt(word(place))).toBe(ID);
    expect(word(contactPlace(ID))).toBe(word(place));
  });

  it('lead nowhere once the vault was locked, and are others after', () => {
    const before = word(chatPlace(ID));
    forgetPlaces();
    expect(idAt(before)).toBeUndefined();
    expect(word(chatPlace(ID))).not.toBe(before);
  });
});
