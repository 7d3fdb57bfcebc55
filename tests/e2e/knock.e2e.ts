// Coming into a group without an invitation, between real browsers: a form, two vouches, and one is in.
import { expect, test, WITHOUT_WORKER } from './fixtures.ts';
import { GroupMember } from './group-member.ts';
import { PASSPHRASE } from './person.ts';

test.use(WITHOUT_WORKER);

const GROUP = 'Harbour Kitchen';

test('P43 a stranger knocks while all are away, two members vouch, and the stranger comes in by herself', async ({
  arrive,
}) => {
  const [alice, bob, carol, noor] = [
    new GroupMember(await arrive()),
    new GroupMember(await arrive()),
    new GroupMember(await arrive()),
    new GroupMember(await arrive()),
  ];
  await alice.person.start();
  await alice.found(GROUP, 'Alice', /^Assembly/, async () => {
    await alice.page.locator('summary', { hasText: 'Adjust roles and rules' }).click();
    await alice.person.button('Add a question').click();
    await alice.page.getByLabel('Question 1', { exact: true }).fill('Who do you know here?');
  });
  const link = await alice.invite(2);
  await bob.comeIn(link, 'Bob');
  await carol.comeIn(link, 'Carol');
  await carol.say('not for strangers');
  for (const name of ['Bob', 'Carol']) {
    await alice.toPerson(GROUP, name);
    await alice.doTo(/^Give the role .?Voter/u);
  }
  await alice.toGroup(GROUP);
  await alice.page.getByRole('link', { name: 'Invite people' }).first().click();
  await alice.person.button('Make a link for knocking').click();
  const door = alice.page.getByLabel('Link for knocking');
  await expect(door).toHaveValue(/#\/join\//);
  const knockLink = await door.inputValue();
  await bob.toGroup(GROUP);
  await bob.page.getByRole('link', { name: 'Invite people' }).first().click();
  await expect(bob.page.getByLabel('Link for knocking')).toHaveValue(knockLink, { timeout: 60_000 });
  for (const member of [alice, bob, carol]) await member.person.lock();

  await noor.page.goto(knockLink);
  await expect(noor.page.getByText(GROUP)).toBeVisible();
  await noor.person.typeNewPassphrase(PASSPHRASE);
  await noor.page.getByLabel('Your name in this group').fill('Noor');
  await noor.person.button('Next').click();
  await noor.page.getByLabel('Who do you know here?').fill('Carol, from the market', { timeout: 60_000 });
  await noor.person.button('Knock').click();
  await expect(noor.page.getByText('You knocked; the members decide')).toBeVisible({ timeout: 60_000 });
  await expect(noor.person.connection).toContainText('relay connected', { timeout: 60_000 });

  for (const member of [bob, carol]) {
    await member.person.unlock();
    await member.toGroup(GROUP);
    await member.page.getByRole('link', { name: /^Decisions/u }).click();
    const knock = member.page.locator('[data-knock]');
    await expect(knock).toContainText('Carol, from the market', { timeout: 60_000 });
    await expect(knock).toContainText(member === bob ? '2 more are needed' : '1 more is needed');
    await knock.getByRole('button', { name: /^Vouch/u }).click();
    if (member === bob) await expect(knock).toContainText('1 more is needed');
    else await expect(knock).toHaveCount(0);
  }
  await noor.page.getByRole('link', { name: /^General/u }).click({ timeout: 60_000 });
  await noor.say('thank you, both');
  await expect(noor.person.message('not for strangers')).toHaveCount(0);
  await carol.toChannel(GROUP, 'General');
  await carol.person.hears('thank you, both');
  await carol.say('welcome, Noor');
  await noor.person.hears('welcome, Noor');

  await alice.person.unlock();
  await alice.toGroup(GROUP);
  await alice.page.getByRole('link', { name: 'Invite people' }).first().click();
  await alice.doTo(/^Make a new link for knocking/u);
  await expect(door).not.toHaveValue(knockLink);
});
