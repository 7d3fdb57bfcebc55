// A group whose members cannot reach each other, or whose founder is gone for good: everybody's app comes to the same, and
// the group goes on.
import { expect, test } from './fixtures.ts';
import { GroupMember } from './group-member.ts';
import type { Person } from './person.ts';

const GROUP = 'Harbour Kitchen';
const DAY_MS = 86_400_000;

/** Alice leads, Bob and Carol are her deputies; Dave is in where he is named. */
async function deputies(arrive: () => Promise<Person>, ...others: string[]): Promise<Record<string, GroupMember>> {
  const alice = new GroupMember(await arrive());
  await alice.person.start();
  await alice.found(GROUP, 'Alice', /^Led by the founder/);
  const link = await alice.invite(others.length);
  const all: Record<string, GroupMember> = { Alice: alice };
  for (const name of others) all[name] = new GroupMember(await arrive());
  await Promise.all(others.map((name) => all[name]!.comeIn(link, name)));
  return all;
}

test('W14 P16 two removals cross while nobody reaches anybody: both sides see the same one stand, and why', async ({
  arrive,
  relay,
}) => {
  const { Alice, Bob, Carol, Dave } = (await deputies(arrive, 'Bob', 'Carol', 'Dave')) as Record<
    'Alice' | 'Bob' | 'Carol' | 'Dave',
    GroupMember
  >;
  await Alice.toPerson(GROUP, 'Bob');
  await Alice.doTo(/^Give the role .?Deputy/u);
  await Bob.toPerson(GROUP, 'Carol');
  await expect(Bob.page.getByRole('button', { name: /^Remove/u })).toBeVisible({ timeout: 60_000 });

  await relay.kill();
  await Bob.doTo(/^Remove .?Carol/u);
  await Alice.doTo(/^Remove .?Bob/u);
  for (const [member, gone] of [
    [Alice, 'Bob'],
    [Bob, 'Carol'],
  ] as const) {
    await member.toGroup(GROUP);
    await member.page.getByRole('link', { name: /^People/u }).click();
    const present = member.page.locator('section', { hasText: 'In the group' });
    await expect(present.getByRole('link', { name: new RegExp(`^${gone}`, 'u') })).toHaveCount(0);
  }
  await relay.restart();

  await Bob.toGroup(GROUP);
  await expect(Bob.page.getByText(/Alice.? removed you/u)).toBeVisible({ timeout: 60_000 });
  for (const member of [Alice, Bob, Carol, Dave]) {
    await member.toGroup(GROUP);
    await expect(member.page.getByText('Two acts crossed')).toBeVisible({ timeout: 60_000 });
    const fallen = member.page.locator('p', { has: member.page.locator('q', { hasText: /Bob.? removed .?Carol/u }) });
    await expect(fallen).toContainText(/crossed with this: .?Alice.? removed .?Bob/u);
    await expect(fallen).toContainText('has their role for longer');
  }
  // What Bob did came to nothing: Carol is in, reads and writes.
  await Carol.toChannel(GROUP, 'General');
  await Carol.say('I am still here');
  await Dave.toChannel(GROUP, 'General');
  await Dave.person.hears('I am still here');
});

test('P22 P15 the founder is gone for good: after 45 days others take over, and people still come in', async ({
  arrive,
}) => {
  const { Alice, Bob, Carol } = (await deputies(arrive, 'Bob', 'Carol')) as Record<
    'Alice' | 'Bob' | 'Carol',
    GroupMember
  >;
  for (const name of ['Bob', 'Carol']) {
    await Alice.toPerson(GROUP, name);
    await Alice.doTo(/^Give the role .?Deputy/u);
  }
  for (const member of [Bob, Carol]) {
    await member.toPerson(GROUP, 'Carol');
    await expect(member.page.getByText(/Alice.? gave .?Carol.? the role .?Deputy/u)).toBeVisible({ timeout: 60_000 });
  }
  // Whoever has her last words has all that she did before: nothing of hers comes later and passes for a sign of life.
  await Alice.toChannel(GROUP, 'General');
  await Alice.say('I am off');
  for (const member of [Bob, Carol]) {
    await member.toChannel(GROUP, 'General');
    await member.person.hears('I am off');
  }
  await Alice.page.context().close();

  for (const member of [Bob, Carol]) {
    await member.page.clock.install({ time: Date.now() + 45 * DAY_MS });
    await member.person.reload();
    await member.toGroup(GROUP);
    await expect(member.page.getByText('No sign for a long time')).toBeVisible({ timeout: 60_000 });
  }
  await expect(Bob.page.getByText(/Alice.*45 days/u)).toBeVisible();
  await Bob.page.getByLabel('Role', { exact: true }).selectOption({ label: 'Lead' });
  const successor = Bob.page.getByLabel('Who takes over');
  const carol = await successor.locator('option', { hasText: 'Carol' }).getAttribute('value');
  await successor.selectOption(carol);
  await Bob.person.button('Propose it').click();
  await Carol.page.getByRole('link', { name: /^Decisions/u }).click();
  await Carol.page
    .locator('[data-proposal]')
    .getByRole('button', { name: /^Agree/u })
    .click({ timeout: 60_000 });
  await Bob.toPerson(GROUP, 'Carol');
  await expect(Bob.page.getByText(/Carol.? got the role .?Lead.? by a vote of/u)).toBeVisible({
    timeout: 60_000,
  });
  await Bob.toGroup(GROUP);
  await expect(Bob.page.getByText('No sign for a long time')).toHaveCount(0);

  // Nobody who is there has what only the founder had, and nothing of it is needed.
  await Carol.toGroup(GROUP);
  const link = await Carol.invite(1);
  const dave = new GroupMember(await arrive());
  await dave.comeIn(link, 'Dave');
  await dave.say('hello, is Alice here?');
  await Bob.toChannel(GROUP, 'General');
  await Bob.person.hears('hello, is Alice here?', 60_000);
  await Bob.say('not any more; we go on');
  await dave.person.hears('not any more; we go on');
});
