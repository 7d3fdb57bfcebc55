// A card is for one person; a photographed one is noticed.
import { expect, test, WITHOUT_WORKER } from './fixtures.ts';

test.use(WITHOUT_WORKER);

test('W16 W22 a card that two people answered makes no contact: all three are told, and nothing can be sent', async ({
  arrive,
}) => {
  const alice = await arrive();
  await alice.start();
  const link = await alice.makeCard('Alice');
  const bob = await arrive();
  await bob.answerFresh(link, 'Bob');
  await bob.say('it is me, Bob');
  await alice.talkTo('Bob');
  await alice.hears('it is me, Bob');

  const carol = await arrive();
  // Alice may tell her sooner than she could begin to write.
  await carol.tryFresh(link, 'Carol');
  const told = 'Two people answered this card';
  for (const one of [alice, bob, carol]) {
    await expect(one.page.getByRole('main').getByText(told)).toBeVisible({ timeout: 60_000 });
    await expect(one.composer).toHaveCount(0);
  }
  await alice.hears('it is me, Bob');
  const contacts = alice.page.getByRole('complementary', { name: 'Chats' });
  await expect(contacts.getByText('Card answered twice')).toHaveCount(2);
  await alice.go('Chats');
  await alice.page.getByRole('link', { name: 'New contact' }).first().click();
  await expect(alice.page.getByRole('link', { name: /Answered twice/ })).toBeVisible();
});
