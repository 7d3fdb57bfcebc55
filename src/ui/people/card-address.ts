// A card's link carries its code behind '#/card/', a group's invitation behind '#/join/', the code for a device of one's
// own behind '#/device/'. The code is taken out of the address at once and kept in memory: what stays in the address
// stays in the browser's history.

const CODE = /^#\/(card|join|device)\/(.+)$/su;

/** Codes for own devices never go where the others do. */
type CodePlace = 'card' | 'device';

const waiting = new Map<CodePlace, string>();
const listeners = new Map<CodePlace, (code: string) => void>();

function takeCode(event?: Event): void {
  const [, word, found] = CODE.exec(location.hash) ?? [];
  if (found === undefined) return;
  const place = word === 'device' ? 'device' : 'card';
  // The router answers an address typed or pasted into an open app by loading the page anew, which would lose the code.
  event?.stopImmediatePropagation();
  history.replaceState(history.state, '', `${location.pathname}${location.search}#/${place}`);
  waiting.set(place, decoded(found));
  hand(place);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hand(place: CodePlace): void {
  const code = waiting.get(place);
  const listener = listeners.get(place);
  if (code === undefined || listener === undefined) return;
  waiting.delete(place);
  listener(code);
}

/** Before the router starts, and again whenever a link is opened in this very tab (before the router sees it). */
export function watchAddress(): void {
  takeCode();
  addEventListener('hashchange', takeCode, { capture: true });
  addEventListener('popstate', takeCode, { capture: true });
}

/** Hands over the code that came with the address, now or later. */
export function onCardCode(listener: (code: string) => void): void {
  listeners.set('card', listener);
  hand('card');
}

/** As `onCardCode`, for codes by which a person's device takes in another: the one never goes where the other does. */
export function onDeviceCode(listener: (code: string) => void): void {
  listeners.set('device', listener);
  hand('device');
}

/** The link for a card of ours. */
export function cardLink(code: string): string {
  return `${location.origin}${location.pathname}#/card/${code}`;
}

/** The link for an invitation of a group. */
export function invitationLink(code: string): string {
  return `${location.origin}${location.pathname}#/join/${code}`;
}

/** The link for a code of ours that takes in another device. */
export function deviceLink(code: string): string {
  return `${location.origin}${location.pathname}#/device/${code}`;
}

/** True when the app was opened at an address that only this computer knows. */
export function isOnlyHere(): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
}
