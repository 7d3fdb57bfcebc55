// What the browser itself gets to see and to do: one title, no remembered fields, no host but the relay.
import type { BrowserContext } from 'playwright/test';
import { aliceAndBob, expect, test } from './fixtures.ts';
import type { Person } from './person.ts';

const PLACES = ['#/', '#/cards', '#/code', '#/documents', '#/documents/new', '#/keeping', '#/settings'] as const;

/** Fields the browser could remember, and forms that would let it. */
const REMEMBERING = 'input:not([autocomplete=off]), textarea:not([autocomplete=off]), form:not([autocomplete=off])';

async function tellsNothing(person: Person, place: string): Promise<void> {
  await expect(person.page, place).toHaveTitle('Understory');
  const fields = person.page.locator(REMEMBERING);
  expect(await fields.evaluateAll((all) => all.map((one) => one.outerHTML.slice(0, 120))), place).toEqual([]);
}

function everythingAsked(context: BrowserContext): string[] {
  const asked: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  for (const page of context.pages()) page.on('websocket', (socket) => asked.push(socket.url()));
  return asked;
}

test('W09 M11 every page is called Understory, no field is remembered, and no host but the relay is asked', async ({
  arrive,
  relay,
}) => {
  const before = await arrive();
  for (const place of ['#/', '#/create', '#/restore', '#/code', '#/card/cut']) {
    await before.page.goto(`${relay.web}/${place}`);
    await expect(before.page.locator('h1').first()).toBeVisible();
    await tellsNothing(before, `before a vault: ${place}`);
  }
  const asked: string[][] = [];
  const { alice, bob } = await aliceAndBob(async () => {
    const person = await arrive();
    asked.push(everythingAsked(person.page.context()));
    return person;
  });
  await tellsNothing(alice, 'conversation');
  await alice.page.getByRole('link', { name: 'About this contact' }).click();
  await expect(alice.page.getByLabel('Your name for them')).toBeVisible();
  await tellsNothing(alice, 'contact');
  await alice.newDocument('Secret plans', 'Bob');
  await alice.write('Nothing of this in a title. ');
  await tellsNothing(alice, 'document');
  for (const place of PLACES) {
    await alice.visit(place);
    await expect(alice.page.locator('h1, h2').first()).toBeVisible();
    await tellsNothing(alice, place);
  }

  // Coming back to the tab asks nobody: that would tell when somebody looks.
  await alice.talkTo('Bob');
  const so = asked[0]!.length;
  const other = await alice.page.context().newPage();
  await other.bringToFront();
  await alice.page.bringToFront();
  await alice.page.evaluate(() => {
    for (const name of ['blur', 'focus', 'pageshow', 'online']) dispatchEvent(new Event(name));
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await bob.say('seen you come back');
  await alice.hears('seen you come back');
  expect(asked[0]!.slice(so)).toEqual([]);

  await alice.lock();
  await tellsNothing(alice, 'locked');
  const { host } = new URL(relay.web);
  const hosts = new Set(
    asked
      .flat()
      .filter((url) => !/^(data|blob):/.test(url))
      .map((url) => new URL(url).host),
  );
  expect([...hosts]).toEqual([host]);
});
