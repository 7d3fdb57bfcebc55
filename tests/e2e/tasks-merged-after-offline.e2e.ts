// Two members without a network do contradictory things to one task; with it back both see one board and why it is so.
import type { Browser, Locator } from 'playwright/test';
import { BUILD, expect, test } from './fixtures.ts';
import { GroupMember } from './group-member.ts';
import { launchChromium } from './network/chromium.ts';
import { createLan } from './network/lan.ts';
import { whatIsMissing } from './network/namespaces.ts';
import { startRelayProcess } from './network/relay-process.ts';
import { Person } from './person.ts';

const GROUP = 'Harbour Kitchen';

const inColumn = ({ page }: GroupMember, place: string, title: string): Locator =>
  page.locator(`[data-column=${place}] [data-task]`, { hasText: title });

async function toTasks(member: GroupMember): Promise<void> {
  await member.toGroup(GROUP);
  await member.page.locator('#main a[href$="/tasks"]').click();
  await expect(member.page.getByRole('heading', { level: 1, name: 'Tasks' })).toBeVisible();
}

async function move(member: GroupMember, title: string, to: string): Promise<void> {
  await member.page.getByRole('button', { name: new RegExp(`^Move or take: .?${title}`, 'u') }).click();
  await member.page.getByRole('menuitem', { name: to, exact: true }).click();
}

test('P29 an offline merge of contradictory acts on a task is one board for both, and is explained to both', async () => {
  expect(whatIsMissing()).toBeUndefined();
  const lan = createLan(['alice', 'bob', 'relay']);
  const { hosts } = lan;
  const relay = await startRelayProcess({ appFolder: BUILD, host: hosts.relay });
  const browsers: Browser[] = [];
  const comes = async (name: 'alice' | 'bob'): Promise<GroupMember> => {
    const browser = await launchChromium({ host: hosts[name], secureOrigins: [relay.web] });
    browsers.push(browser);
    return new GroupMember(await Person.arrive(browser, relay.web));
  };
  try {
    const [alice, bob] = [await comes('alice'), await comes('bob')];
    await alice.person.start();
    await alice.found(GROUP, 'Alice', /^Led by the founder/);
    const link = await alice.invite(1);
    await expect(alice.person.connection).toContainText('relay connected', { timeout: 60_000 });
    await bob.comeIn(link, 'Bob');
    await toTasks(alice);
    await alice.page.getByRole('button', { name: 'New task' }).first().click();
    await alice.page.getByRole('dialog').getByLabel('What is to be done').fill('Book the van');
    await alice.page.getByRole('dialog').getByRole('button', { name: 'Make the task' }).click();
    await toTasks(bob);
    await expect(inColumn(bob, 'todo', 'Book the van')).toBeVisible({ timeout: 60_000 });

    hosts.alice.cut();
    hosts.bob.cut();
    await move(alice, 'Book the van', 'Done');
    await expect(inColumn(alice, 'done', 'Book the van')).toBeVisible();
    // Bob writes more meanwhile: his last act comes after hers, wherever the clocks stand.
    await move(bob, 'Book the van', 'Doing');
    await expect(inColumn(bob, 'doing', 'Book the van')).toBeVisible();
    await move(bob, 'Book the van', 'To do');
    await move(bob, 'Book the van', 'Doing');
    await expect(inColumn(bob, 'doing', 'Book the van')).toBeVisible();
    await expect(inColumn(alice, 'done', 'Book the van')).toBeVisible();
    hosts.alice.restore();
    hosts.bob.restore();

    for (const member of [alice, bob]) {
      await expect(member.page.getByText('Needs a look')).toBeVisible({ timeout: 60_000 });
    }
    const places = ['todo', 'doing', 'done'];
    const boardOf = (member: GroupMember): Promise<string[]> =>
      Promise.all(places.map(async (place) => (await inColumn(member, place, '').allInnerTexts()).join()));
    expect(await boardOf(alice)).toEqual(await boardOf(bob));
    for (const member of [alice, bob]) {
      await member.page.locator('[data-task]', { hasText: 'Book the van' }).click();
      const notice = member.page
        .locator('div', { has: member.page.getByText('Two people changed this at once') })
        .last();
      await expect(notice).toContainText('Alice');
      await expect(notice).toContainText('Bob');
    }
    await bob.page.getByRole('button', { name: 'Leave it so' }).first().click();
    for (const member of [alice, bob]) {
      await expect(member.page.getByText('Two people changed this at once')).toHaveCount(0, { timeout: 60_000 });
    }
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await relay.close();
    lan.close();
  }
});
