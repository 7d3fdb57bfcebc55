// What a relay node's address is called on the screen: the name of its host, not the whole address.

export function relayName(address: string): string {
  const host = /\/(?:dns[46]?|dnsaddr|ip[46])\/([^/]+)(?:\/(?:tcp|udp)\/(\d+))?/u.exec(address);
  if (host?.[1] === undefined) return address;
  const port = host[2];
  return port === undefined || port === '443' || port === '80' ? host[1] : `${host[1]}:${port}`;
}
