// A card's link carries its code behind '#/card/', a group's invitation behind '#/join/'. The code is taken out of the address at once and kept in memory:
// what stays in the address stays in the browser's history.

const CODE = /^#\/(?:card|join)\/(.+)$/su;

let waiting: string | undefined;
let tell: ((code: string) => void) | undefined;

function takeCode(event?: Event): void {
  const found = CODE.exec(location.hash)?.[1];
  if (found === undefined) return;
  // The router answers an address typed or pasted into an open app by loading the page anew, which would lose the code.
  event?.stopImmediatePropagation();
  history.replaceState(history.state, '', `${location.pathname}${location.search}#/card`);
  waiting = decoded(found);
  if (tell !== undefined) hand(tell);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hand(to: (code: string) => void): void {
  if (waiting === undefined) return;
  const code = waiting;
  waiting = undefined;
  to(code);
}

/** Before the router starts, and again whenever a link is opened in this very tab (before the router sees it). */
export function watchAddress(): void {
  takeCode();
  addEventListener('hashchange', takeCode, { capture: true });
  addEventListener('popstate', takeCode, { capture: true });
}

/** Hands over the code that came with the address, now or later. */
export function onCardCode(listener: (code: string) => void): void {
  tell = listener;
  hand(listener);
}

/** The link for a card of ours. */
export function cardLink(code: string): string {
  return `${location.origin}${location.pathname}#/card/${code}`;
}

/** The link for an invitation of a group. */
export function invitationLink(code: string): string {
  return `${location.origin}${location.pathname}#/join/${code}`;
}

/** True when the app was opened at an address that only this computer knows. */
export function isOnlyHere(): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
}
