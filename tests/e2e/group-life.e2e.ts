// A group of four browsers: founded, joined by a link while its founder is away, a role given, somebody removed.
import { expect, test, WITHOUT_WORKER } from './fixtures.ts';
import { GroupMember } from './group-member.ts';

test.use(WITHOUT_WORKER);

const GROUP = 'Harbour Kitchen';

test('P13 P15 P28 four people found, come in by a link, get a role, and one is locked out', async ({ arrive }) => {
  const [alice, bob, carol, dave] = [
    new GroupMember(await arrive()),
    new GroupMember(await arrive()),
    new GroupMember(await arrive()),
    new GroupMember(await arrive()),
  ];
  await alice.person.start();
  await alice.found(GROUP, 'Alice', /^Led by the founder/);
  const link = await alice.invite(3);
  // The welcome is at the relay by now or soon; the founder is away while the first one comes.
  await expect(alice.person.connection).toContainText('relay connected', { timeout: 60_000 });
  await alice.person.lock();
  await bob.comeIn(link, 'Bob');
  await bob.say('hello, I am Bob');
  await alice.person.unlock();
  await carol.comeIn(link, 'Carol');
  await dave.comeIn(link, 'Dave');
  await dave.say('and I am Dave');

  await alice.toChannel(GROUP, 'General');
  await alice.person.hears('hello, I am Bob');
  await alice.person.hears('and I am Dave');
  await alice.say('welcome, all three');
  for (const member of [bob, carol, dave]) await member.person.hears('welcome, all three');

  await alice.toPerson(GROUP, 'Bob');
  await alice.doTo(/^Give the role .?Deputy/u);
  await bob.toPerson(GROUP, 'Dave');
  await bob.doTo(/^Remove .?Dave/u);
  await dave.toGroup(GROUP);
  await expect(dave.page.getByText('You are no longer in this group')).toBeVisible({ timeout: 60_000 });
  await expect(dave.page.getByText(/Bob.? removed you/u)).toBeVisible();

  await alice.toChannel(GROUP, 'General');
  await alice.say('now we are three');
  await carol.person.hears('now we are three');
  await bob.toChannel(GROUP, 'General');
  await bob.person.hears('now we are three');
  await dave.page.getByRole('link', { name: /^General/ }).click();
  await dave.person.hears('welcome, all three');
  await expect(dave.person.message('now we are three')).toHaveCount(0);
  await expect(dave.composer).toHaveCount(0);
});
