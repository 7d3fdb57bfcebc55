// Two groups in real browsers: one asks the other for something, it is taken on, and word of it comes back. A forged twin is
// refused, and told.
import { multiaddr } from '@multiformats/multiaddr';
import { endpointMultiaddr, parseRelayAddress } from '#adapters/network-libp2p/relay-address.ts';
import { hex } from '#core/bytes/bytes.ts';
import { makeProductionSuite } from '#core/crypto/production-suite.ts';
import { ENVELOPE_TTL_DAYS } from '#core/mailbox/limits.ts';
import { makeEnvelope, topicKeyOf } from '#core/mailbox/topic-key.ts';
import { decodeOutsideCardCode } from '#core/neighbours/card-code.ts';
import { neighbourTopicSeed, sealLetter } from '#core/neighbours/neighbour-mail.ts';
import { signLetter, type Order, type OrderId } from '#core/neighbours/order.ts';
import type { SignedOutsideCard } from '#core/neighbours/outside-card.ts';
import type { Seed } from '#core/crypto/suite.ts';
import type { Millis } from '#core/ports.ts';
import { guestsLeave, openMailboxBy } from '#tests/relay/relay-guest.ts';
import { systemRandom } from '#relay/system-ports.ts';
import { expect, test, WITHOUT_WORKER } from './fixtures.ts';
import { found } from './into-groups.ts';
import type { Person } from './person.ts';

test.use(WITHOUT_WORKER);

async function makeCard(person: Person): Promise<string> {
  const { page } = person;
  await page.getByRole('link', { name: 'Other groups' }).click();
  await page.getByRole('link', { name: 'Make our card' }).click();
  await person.button('Make our card').click();
  const link = await page
    .getByLabel('Link of the group’s card')
    .or(page.getByLabel("Link of the group's card"))
    .inputValue();
  await page.getByRole('link', { name: 'Back' }).click();
  return link;
}

/** By the page for it, where a link is pasted. */
async function paste(person: Person, link: string): Promise<void> {
  const { page } = person;
  await page.getByRole('link', { name: 'Add a group' }).click();
  await page.locator('#code-text').fill(link);
  await page
    .locator('form', { has: page.locator('#code-text') })
    .getByRole('button')
    .click();
}

/** By opening the link, before saying for which of one's groups. */
async function open(person: Person, link: string, group: string): Promise<void> {
  await person.page.goto(link);
  await person.page.getByRole('main').getByRole('link', { name: group }).click();
}

async function takeIn(person: Person, mayAsk: boolean): Promise<void> {
  const { page } = person;
  await expect(page.getByText(/This card says it is of/)).toBeVisible();
  if (mayAsk) await page.getByRole('checkbox').first().check();
  await person.button('Save').click();
  await expect(page.getByRole('heading', { name: 'Groups we know' })).toBeVisible();
}

function cardIn(link: string): SignedOutsideCard {
  const card = decodeOutsideCardCode(link);
  if (typeof card === 'string') throw new Error(card);
  return card;
}

/** As anybody could who has both cards: what he lacks is the key of the role. */
async function forge(ours: SignedOutsideCard, theirs: SignedOutsideCard): Promise<void> {
  const suite = makeProductionSuite();
  const order: Order = {
    ...{ is: 'order', from: ours.key, to: theirs.key, role: ours.card.roles[0]!.id, at: Date.now() as Millis },
    ...{ order: hex.encode(systemRandom.bytes(16)) as OrderId, title: '900 meals at once', text: '', due: undefined },
  };
  const seed = systemRandom.bytes(32) as Seed;
  const letter = await signLetter(suite, order, { card: ours, seed });
  const relay = parseRelayAddress(theirs.card.relays[0]!);
  if (relay.is !== 'endpoint') throw new Error('no relay node');
  const mailbox = await openMailboxBy(multiaddr(endpointMultiaddr(relay.endpoint)));
  const topic = await topicKeyOf(suite, neighbourTopicSeed(theirs, mailbox.day));
  const blob = await sealLetter(suite, theirs, { letter, coins: systemRandom.bytes(64) });
  const envelope = await makeEnvelope(suite, topic, { blob, expiryDay: mailbox.day + ENVELOPE_TTL_DAYS });
  expect(await mailbox.deposit(envelope)).toBe('stored');
  mailbox.close();
  await guestsLeave();
}

test('P39 P40 a task goes from one group to another and word of it comes back; a forged twin is refused and told', async ({
  arrive,
}) => {
  const [alice, carol] = [await arrive(), await arrive()];
  await Promise.all([alice.start(), carol.start()]);
  await found(alice, 'Harbour Kitchen', 'Alice');
  await found(carol, 'Night Shift', 'Carol');
  const [ours, theirs] = [await makeCard(alice), await makeCard(carol)];
  await paste(alice, theirs);
  await takeIn(alice, false);
  await open(carol, ours, 'Night Shift');
  await takeIn(carol, true);

  await forge(cardIn(ours), cardIn(theirs));
  await alice.page.getByRole('link', { name: 'Send a task' }).click();
  await alice.page.getByLabel('What is to be done').fill('200 meals on Saturday');
  await alice.page.getByLabel('What should they know?').fill('At the north gate.');
  await alice.button('Send').click();
  const sent = alice.page.locator('[data-sent]');
  await expect(sent).toContainText('200 meals on Saturday');

  const received = carol.page.locator('[data-received]');
  await expect(received).toContainText('At the north gate.', { timeout: 60_000 });
  await expect(received).toHaveCount(1);
  await expect(carol.page.locator('[data-refused=forged]')).toContainText(/pretended to be .?Harbour Kitchen/u);
  await expect(carol.page.locator('[data-refused=forged]')).toContainText('900 meals at once');

  await received.getByRole('button', { name: 'Take it on' }).click();
  await expect(sent).toContainText('Taken on', { timeout: 60_000 });
  await received.getByRole('link', { name: '200 meals on Saturday' }).click();
  await expect(carol.page.getByRole('heading', { name: /Asked by .?Harbour Kitchen/u })).toBeVisible();
  await carol.button('Done').click();
  await expect(sent).toContainText('Done', { timeout: 60_000 });
});
