// A first look at a card's code where there is no vault yet: says at once when a link was cut or is not one of ours,
// before anybody thinks of a passphrase for nothing. Its signature is checked when it is answered.

import type { CodeProblem } from '#app/api.ts';

const DAY_MS = 86_400_000;

export async function lookAtCode(code: string, now = Date.now()): Promise<CodeProblem | 'device-code' | undefined> {
  const { decodeCardCode } = await import('#core/identity/card-code.ts');
  const { looksLikeDeviceCode } = await import('#core/identity/device-code.ts');
  const found = decodeCardCode(code);
  if (typeof found === 'string') return looksLikeDeviceCode(code) ? 'device-code' : found;
  return found.card.expiryDay < Math.floor(now / DAY_MS) ? 'expired' : undefined;
}

/** The same for a code by which another device takes this one in. */
export async function lookAtDeviceCode(
  code: string,
  now = Date.now(),
): Promise<CodeProblem | 'contact-card' | undefined> {
  const { decodeCardCode } = await import('#core/identity/card-code.ts');
  const { decodeDeviceCode } = await import('#core/identity/device-code.ts');
  const found = decodeDeviceCode(code);
  if (typeof found !== 'string') return found.until <= now ? 'expired' : undefined;
  return found === 'foreign' && typeof decodeCardCode(code) !== 'string' ? 'contact-card' : found;
}
