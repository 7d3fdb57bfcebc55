// A card's code leaves the address at once, and reaches whoever answers it.
import { beforeEach, describe, expect, it } from 'vitest';
import { cardLink, deviceLink, invitationLink, onCardCode, onDeviceCode, watchAddress } from './card-address.ts';

describe('card links', () => {
  beforeEach(() => history.replaceState({}, '', '/#/'));

  it('take the code out of the address before anything else, and keep it for the page', () => {
    history.replaceState({}, '', '/#/card/dXMxSECRET');
    watchAddress();
    expect(location.href).not.toContain('SECRET');
    expect(location.hash).toBe('#/card');
    const codes: string[] = [];
    onCardCode((code) => codes.push(code));
    expect(codes).toEqual(['dXMxSECRET']);
  });

  it('do so too when a link is opened in the tab that is already here', () => {
    watchAddress();
    const codes: string[] = [];
    onCardCode((code) => codes.push(code));
    history.replaceState({}, '', '/#/card/dXMxSECOND');
    dispatchEvent(new Event('hashchange'));
    expect(codes).toEqual(['dXMxSECOND']);
    expect(location.href).not.toContain('SECOND');
  });

  it('are taken out when they invite to a group, too', () => {
    watchAddress();
    const codes: string[] = [];
    onCardCode((code) => codes.push(code));
    history.replaceState({}, '', '/#/join/dXMgTHIRD');
    dispatchEvent(new Event('hashchange'));
    expect(codes).toEqual(['dXMgTHIRD']);
    expect(location.hash).toBe('#/card');
    expect(invitationLink('dXMg')).toBe(`${location.origin}/#/join/dXMg`);
  });

  it('leave other addresses alone', () => {
    history.replaceState({}, '', '/#/cards/abc');
    watchAddress();
    expect(location.hash).toBe('#/cards/abc');
  });

  it('for a device go to whoever links devices and to nobody else', () => {
    const [cards, devices]: [string[], string[]] = [[], []];
    onCardCode((code) => cards.push(code));
    onDeviceCode((code) => devices.push(code));
    history.replaceState({}, '', '/#/device/dWQxSECRET');
    watchAddress();
    expect(location.hash).toBe('#/device');
    expect([cards, devices]).toEqual([[], ['dWQxSECRET']]);
    expect(deviceLink('dWQx')).toBe(`${location.origin}/#/device/dWQx`);
  });

  it('are made from the address the app was opened at', () => {
    expect(cardLink('dXMx')).toBe(`${location.origin}/#/card/dXMx`);
  });
});
