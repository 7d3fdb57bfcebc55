// What is said in a group as soon as one is in it: who one is, and where one talks. Each is part of an event.

import { hex, type Bytes } from '#core/bytes/bytes.ts';
import { encodeChatBody } from '#core/chat/body.ts';
import { CHANNEL_ID_BYTES, encodeChannelBody, type ChannelId } from '#core/chat/channel.ts';
import { write } from '../space/author.ts';
import type { Replica } from '../space/replica.ts';
import type { Engine } from '../traffic/engine.ts';

export async function saySelf(engine: Engine, replica: Replica, name: string): Promise<void> {
  if (name !== '') await say(engine, replica, { kind: 'profile', body: encodeChatBody({ kind: 'profile', name }) });
}

/** A channel that all members read. */
export async function sayChannel(engine: Engine, replica: Replica, name: string): Promise<void> {
  const id = hex.encode(replica.context.random.bytes(CHANNEL_ID_BYTES)) as ChannelId;
  await say(engine, replica, { kind: 'channel', body: encodeChannelBody({ id, name }) });
}

async function say(
  engine: Engine,
  replica: Replica,
  said: { readonly kind: string; readonly body: Bytes },
): Promise<void> {
  await write(replica, said, (written) => engine.push(replica, written));
}
