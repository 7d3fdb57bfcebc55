// The roads a relay node offers: circuits that carry more than libp2p's presets, an address that lasts, STUN.

import { createSocket } from 'node:dgram';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Libp2p, Stream } from '@libp2p/interface';
import { webRTCDirect } from '@libp2p/webrtc';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { makeCertificate } from '#relay/certificate.ts';
import { freshTopic, guestsLeave, makeGuest, openMailboxAt, relayMultiaddr, someEnvelope } from './relay-guest.ts';
import { cleanUp, startRelayProcess, temporaryFolder, type RelayProcess } from './relay-process.ts';

const MIB = 1_048_576;
const ECHO = '/test/count/1';

afterEach(async () => {
  vi.unstubAllEnvs();
  await guestsLeave();
  await cleanUp();
});

/** A peer that can be reached through the relay node only, and answers with how much it got. */
async function reachable(relay: RelayProcess): Promise<Libp2p> {
  const guest = await makeGuest(['/p2p-circuit']);
  await guest.handle(
    ECHO,
    async (stream: Stream) => {
      let count = 0;
      for await (const chunk of stream) count += chunk.byteLength;
      stream.send(new TextEncoder().encode(String(count)));
      await stream.close();
    },
    { runOnLimitedConnection: true },
  );
  await guest.dial(relayMultiaddr(relay));
  const deadline = Date.now() + 10_000;
  while (guest.getMultiaddrs().length === 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(guest.getMultiaddrs().length).toBeGreaterThan(0);
  return guest;
}

async function countThrough(relay: RelayProcess, to: Libp2p, bytes: number): Promise<number> {
  const caller = await makeGuest();
  const address = multiaddr(`${relayMultiaddr(relay)}/p2p-circuit/p2p/${to.peerId}`);
  const stream = await caller.dialProtocol(address, ECHO, { runOnLimitedConnection: true });
  const chunk = new Uint8Array(65_536);
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    if (!stream.send(chunk)) await stream.onDrain();
  }
  await stream.close();
  let answer = '';
  for await (const part of stream) answer += new TextDecoder().decode(part.subarray());
  return Number(answer);
}

describe('the roads of a relay node', () => {
  test('X09: two circuits at once carry far more than the 128 KiB that libp2p presets', async () => {
    const relay = await startRelayProcess({ data: temporaryFolder() });
    const [a, b] = await Promise.all([reachable(relay), reachable(relay)]);
    const counts = await Promise.all([countThrough(relay, a, 4 * MIB), countThrough(relay, b, 4 * MIB)]);
    expect(counts).toEqual([4 * MIB, 4 * MIB]);
  }, 60_000);

  test('twenty peers at once have a place each, more than the 15 that libp2p presets', async () => {
    const relay = await startRelayProcess({ data: temporaryFolder() });
    const guests = await Promise.all(Array.from({ length: 20 }, () => reachable(relay)));
    expect(guests).toHaveLength(20);
  }, 60_000);

  test('its limits hold: no more reservations, no more connections of one address', async () => {
    const flags = ['--max-connections-per-address', '2'];
    const relay = await startRelayProcess({ data: temporaryFolder(), flags });
    const dial = async (): Promise<string> => {
      const guest = await makeGuest();
      return guest.dial(relayMultiaddr(relay)).then(
        () => 'in',
        () => 'refused',
      );
    };
    expect([await dial(), await dial(), await dial()]).toEqual(['in', 'in', 'refused']);
    await guestsLeave();
    await expect.poll(dial, { timeout: 5_000 }).toBe('in');
  }, 30_000);

  test("peer id and certificate stay over restarts, and their files are their owner's only", async () => {
    const data = temporaryFolder();
    const flags = ['--webrtc-direct-port', '0', '--stun-port', '0'];
    const first = await startRelayProcess({ data, flags });
    expect(first.json.webrtcDirect?.certhash).toMatch(/^uEi/);
    expect(await first.end('SIGKILL')).toBe('SIGKILL');
    const second = await startRelayProcess({ data, flags });
    expect(second.json.peer).toBe(first.json.peer);
    expect(second.json.webrtcDirect?.certhash).toBe(first.json.webrtcDirect?.certhash);
    for (const file of ['relay.key', 'webrtc-direct.key', 'mail.sqlite']) {
      expect(statSync(path.join(data, file)).mode & 0o077, file).toBe(0);
    }
    const key = path.join(data, 'relay.key');
    await second.end();
    const good = readFileSync(key);
    writeFileSync(key, 'damaged');
    await expect(startRelayProcess({ data, flags })).rejects.toThrow(/damaged: restore it/);
    expect(readFileSync(key, 'utf8')).toBe('damaged');
    writeFileSync(key, good);
    expect((await startRelayProcess({ data, flags })).json.peer).toBe(first.json.peer);
  }, 60_000);

  test('is reached over webrtc-direct without a certificate that anyone signed', async () => {
    const flags = ['--webrtc-direct-port', '0'];
    const relay = await startRelayProcess({ data: temporaryFolder(), flags });
    const { port, certhash } = relay.json.webrtcDirect!;
    const guest = await makeGuest([], [webRTCDirect({ rtcConfiguration: { iceServers: [] } })]);
    const address = `/ip4/127.0.0.1/udp/${port}/webrtc-direct/certhash/${certhash}/p2p/${relay.json.peer}`;
    const mailbox = await openMailboxAt(relay, guest, multiaddr(address));
    const envelope = await someEnvelope(await freshTopic(), { day: mailbox.day });
    expect(await mailbox.deposit(envelope)).toBe('stored');
    expect(guest.getConnections()[0]?.remoteAddr.toString()).toContain('webrtc-direct');
  }, 30_000);

  test('with a certificate of its own it speaks https and wss on the one port', async () => {
    const data = temporaryFolder();
    const { pem, privateKey } = makeCertificate();
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => path.join(data, name)) as [string, string];
    writeFileSync(cert, pem);
    writeFileSync(key, privateKey);
    // The test's own certificate, which no authority signed: believed in this test only.
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const relay = await startRelayProcess({ data, flags: ['--tls-cert', cert, '--tls-key', key] });
    expect(relay.address).toMatch(/^https:/);
    const guest = await makeGuest();
    const address = multiaddr(`/ip4/127.0.0.1/tcp/${relay.port}/tls/ws/p2p/${relay.json.peer}`);
    const mailbox = await openMailboxAt(relay, guest, address);
    expect(mailbox.day).toBeGreaterThan(20_000);
    await expect(fetch(`http://127.0.0.1:${relay.port}/`)).rejects.toThrow();
  }, 30_000);

  test('answers STUN on the port it announces', async () => {
    const relay = await startRelayProcess({ data: temporaryFolder(), flags: ['--stun-port', '0'] });
    const socket = createSocket('udp4');
    const answer = new Promise<Buffer>((resolve) => socket.once('message', resolve));
    // Binding request, no attributes, magic cookie, transaction id (RFC 8489 §5).
    const request = Buffer.from('000100002112a442' + '0102030405060708090a0b0c', 'hex');
    socket.send(request, relay.json.stun!, '127.0.0.1');
    const bytes = await answer;
    expect(bytes.readUInt16BE(0)).toBe(0x0101);
    expect(bytes.readUInt16BE(26) ^ 0x2112).toBe(socket.address().port);
    socket.close();
  }, 30_000);
});
