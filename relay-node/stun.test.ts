// STUN answers are those of RFC 8489, checked with the sample messages of RFC 5769, and nothing else is answered.

import { createSocket } from 'node:dgram';
import { describe, expect, test } from 'vitest';
import {
  addressBytes,
  Allowance,
  answerBinding,
  ANSWERS_IN_ALL,
  ANSWERS_PER_ADDRESS,
  crc32,
  startStun,
  xorAddress,
} from './stun.ts';

/** RFC 5769 §2.1: a request with software name, priority, credentials and fingerprint. */
const SAMPLE_REQUEST = hex(
  '000100582112a442b7e7a701bc34d686fa87dfae' +
    '802200105354554e207465737420636c69656e74' +
    '002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020' +
    '000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf',
);
/** RFC 5769 §2.2 and §2.3: the value of XOR-MAPPED-ADDRESS for 192.0.2.1 and for an IPv6 address, port 32853. */
const SAMPLE_XOR_4 = '0001a147e112a643';
const SAMPLE_XOR_6 = '0002a1470113a9faa5d3f179bc25f4b5bed2b9d9';
const TRANSACTION = SAMPLE_REQUEST.subarray(8, 20);

const plain = request('');
const home = { address: '192.0.2.1', port: 32_853 };

describe('a binding request', () => {
  test('is answered with the address it came from (RFC 5769 §2.2)', () => {
    const answer = answerBinding(plain, home);
    expect(toHex(answer)).toBe(`0101000c2112a442b7e7a701bc34d686fa87dfae00200008${SAMPLE_XOR_4}`);
  });

  test('over IPv6 is answered with the IPv6 address (RFC 5769 §2.3)', () => {
    const answer = answerBinding(plain, { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 });
    expect(toHex(answer)).toBe(`010100182112a442b7e7a701bc34d686fa87dfae00200014${SAMPLE_XOR_6}`);
  });

  test('from an IPv4 asker on a socket for both families is answered as IPv4', () => {
    expect(toHex(answerBinding(plain, { address: '::ffff:192.0.2.1', port: 32_853 }))).toContain(SAMPLE_XOR_4);
  });

  test('may carry what a server need not understand', () => {
    expect(answerBinding(request('802200105354554e207465737420636c69656e74'), home)).toBeDefined();
  });

  test('is answered when its fingerprint fits, and not when it does not', () => {
    const before = request('8028000400000000').subarray(0, 20);
    const print = ((crc32(before) ^ 0x5354554e) >>> 0).toString(16).padStart(8, '0');
    expect(answerBinding(request(`80280004${print}`), home)).toBeDefined();
    expect(answerBinding(request('8028000400000000'), home)).toBeUndefined();
  });

  test('never draws an answer more than twice its size, so nobody gains by forging the sender', () => {
    for (const address of ['192.0.2.1', '2001:db8::1']) {
      expect(answerBinding(plain, { address, port: 1 })?.length).toBeLessThanOrEqual(plain.length * 2.2);
    }
  });
});

describe('silence', () => {
  test.each([
    ['credentials and other things a server must understand (RFC 5769 §2.1)', SAMPLE_REQUEST],
    ['nothing', new Uint8Array(0)],
    ['a header cut short', plain.subarray(0, 16)],
    ['another magic cookie', change(plain, 4, 0x22)],
    ['a success answer, so that two servers cannot be set to answer each other', change(plain, 0, 0x01)],
    ['an indication', change(plain, 1, 0x11)],
    ['another method', change(plain, 1, 0x03)],
    ['a length that is not its own', change(plain, 3, 4)],
    ['a length that is no multiple of four', new Uint8Array(21)],
    ['an attribute longer than the message', request('80220040aabbccdd')],
    ['an attribute after the fingerprint', request('802800040000000080220000')],
    ['a change request (RFC 5780), which would make it send elsewhere', request('0003000400000006')],
    ['a message larger than any browser sends', request('80220220' + '00'.repeat(0x220))],
  ])('follows %s', (_, message) => {
    expect(answerBinding(message, home)).toBeUndefined();
  });

  test('follows whatever random bytes may come', () => {
    let state = 1;
    const dice = (): number => (state = (state * 48_271) % 2_147_483_647) & 0xff;
    for (let round = 0; round < 20_000; round += 1) {
      const message = plain.slice(0, 20 + (round % 3) * 4);
      message[dice() % message.length] = dice();
      const answer = answerBinding(message, home);
      if (answer !== undefined) expect(toHex(answer.subarray(0, 2))).toBe('0101');
    }
  });
});

describe('the parts', () => {
  test('the CRC is that of RFC 5769 §2.1', () => {
    expect((crc32(SAMPLE_REQUEST.subarray(0, -8)) ^ 0x5354554e) >>> 0).toBe(0xe57a3bcf);
  });

  test('addresses are hidden as in RFC 5769 §2.2 and §2.3', () => {
    expect(toHex(xorAddress(hex('c0000201'), 32_853, TRANSACTION))).toBe(SAMPLE_XOR_4);
    expect(toHex(xorAddress(hex('20010db8123456780011223344556677'), 32_853, TRANSACTION))).toBe(SAMPLE_XOR_6);
  });

  test('addresses are read in every form the system writes them', () => {
    expect(toHex(addressBytes('::1'))).toBe('00000000000000000000000000000001');
    expect(toHex(addressBytes('fe80::1%eth0'))).toBe('fe800000000000000000000000000001');
    expect(toHex(addressBytes('::'))).toBe('00'.repeat(16));
    expect(addressBytes('1:2:3')).toBeUndefined();
    expect(addressBytes('1::2::3')).toBeUndefined();
    expect(addressBytes('nonsense')).toBeUndefined();
  });
});

describe('the allowance', () => {
  test('of one address ends, and another still has its own', () => {
    const allowance = new Allowance();
    for (let count = 0; count < ANSWERS_PER_ADDRESS; count += 1) expect(allowance.take('192.0.2.1')).toBe(true);
    expect(allowance.take('192.0.2.1')).toBe(false);
    const others = ['192.0.2.2', '192.0.2.3', '192.0.2.4'].map((address) => allowance.take(address));
    expect(others).toContain(true);
  });

  test('is one for a whole IPv6 subscriber', () => {
    const allowance = new Allowance();
    for (let count = 0; count < ANSWERS_PER_ADDRESS; count += 1) allowance.take(`2001:db8::${count.toString(16)}`);
    expect(allowance.take('2001:db8::ffff')).toBe(false);
  });

  test('in all ends too, and comes back with the next window', () => {
    const allowance = new Allowance();
    let given = 0;
    for (let at = 0; at < ANSWERS_IN_ALL * 2; at += 1) if (allowance.take(`10.${at >> 8}.${at & 255}.1`)) given += 1;
    expect(given).toBe(ANSWERS_IN_ALL);
    allowance.renew();
    expect(allowance.take('10.0.0.1')).toBe(true);
  });
});

describe('on the wire', () => {
  test('tells an asker on loopback their own port, then closes', async () => {
    const stun = await startStun({ host: '127.0.0.1', port: 0 });
    const asker = createSocket('udp4');
    await new Promise<void>((resolve) => asker.bind(0, '127.0.0.1', resolve));
    const answer = new Promise<Uint8Array>((resolve) => asker.once('message', resolve));
    asker.send(change(plain, 4, 0), stun.port, '127.0.0.1');
    asker.send(plain, stun.port, '127.0.0.1');
    const own = toHex(xorAddress(hex('7f000001'), asker.address().port, TRANSACTION));
    expect(toHex(await answer).endsWith(own)).toBe(true);
    asker.close();
    await stun.close();
    await stun.close();
  });

  test('says so when the port is taken', async () => {
    const first = await startStun({ host: '127.0.0.1', port: 0 });
    await expect(startStun({ host: '127.0.0.1', port: first.port })).rejects.toThrow('EADDRINUSE');
    await first.close();
  });
});

/** A binding request with the transaction id of RFC 5769 and the given attributes. */
function request(attributes: string): Uint8Array {
  const length = (attributes.length / 2).toString(16).padStart(4, '0');
  return hex(`0001${length}2112a442b7e7a701bc34d686fa87dfae${attributes}`);
}

function change(message: Uint8Array, at: number, byte: number): Uint8Array {
  const changed = message.slice();
  changed[at] = byte;
  return changed;
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

function toHex(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'silence' : Buffer.from(bytes).toString('hex');
}
