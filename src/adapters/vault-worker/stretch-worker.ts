// Worker: one Argon2id run, so that the page stays alive meanwhile. It ends with its work, and its memory with it.

import { stretchPassphrase } from '#core/vault/passphrase.ts';

export interface StretchOrder {
  readonly passphrase: string;
  readonly salt: Uint8Array<ArrayBuffer>;
}

export type StretchNews = { readonly is: 'done'; readonly key: Uint8Array<ArrayBuffer> } | { readonly is: 'failed' };

onmessage = async ({ data }: MessageEvent<StretchOrder>) => {
  try {
    const key = await stretchPassphrase(data.passphrase, data.salt);
    postMessage({ is: 'done', key } satisfies StretchNews);
  } catch {
    postMessage({ is: 'failed' } satisfies StretchNews);
  }
};
