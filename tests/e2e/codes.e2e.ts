// Everything that can be wrong with a contact code is told in its own words, and changes nothing.
import { base64urlnopad, utf8 } from '#core/bytes/bytes.ts';
import { reframe } from '#core/identity/card-code.ts';
import { expect, test, WITHOUT_WORKER } from './fixtures.ts';
import { Person } from './person.ts';

test.use(WITHOUT_WORKER);

const DAY_MS = 86_400_000;

async function paste(person: Person, code: string): Promise<void> {
  await person.go('Chats');
  await person.page.getByRole('link', { name: 'I have a code' }).first().click();
  await person.page.getByLabel('Paste a link or code').fill(code);
  await person.button('Use this code').click();
}

const contacts = (person: Person) => person.page.getByRole('list', { name: 'Chats' }).getByRole('link');

/** The same link with another letter in the middle of its code. */
function tampered(link: string): string {
  const at = link.length - 200;
  return `${link.slice(0, at)}${link[at] === 'A' ? 'B' : 'A'}${link.slice(at + 1)}`;
}

/** The code as a later version of the app would make it: whole, with a later letter after its magic. */
function ofNewerVersion(link: string): string {
  const [before, code] = link.split('#/card/') as [string, string];
  const bytes = base64urlnopad.decode(code)!;
  bytes[2] = '2'.charCodeAt(0);
  return `${before}#/card/${new TextDecoder().decode(reframe(utf8(base64urlnopad.encode(bytes))))}`;
}

test('X16 W27 a code that is cut, changed, newer or foreign is told apart, with a vault and without', async ({
  arrive,
}) => {
  const [alice, bob, nobody] = [await arrive(), await arrive(), await arrive()];
  await Promise.all([alice.start(), bob.start()]);
  const link = await alice.makeCard('Alice');
  const wrong = [
    [link.slice(0, -20), 'This code is cut off', 'Copy the whole link'],
    [tampered(link), 'This code was changed on the way', 'Some letters are wrong'],
    [ofNewerVersion(link), 'This card was made by a newer Understory', 'Update the app'],
    ['https://example.org/?q=a+code', 'This is not an Understory card', 'The code belongs to something else'],
  ] as const;
  for (const [code, title, about] of wrong) {
    for (const one of [bob, nobody]) {
      if (one === bob) await paste(bob, code);
      else {
        await nobody.page.goto('about:blank');
        await nobody.page.goto(new URL(link).origin);
        await nobody.page.getByRole('link', { name: /^I have a code/ }).click();
        await nobody.page.getByLabel('Paste a link or code').fill(code);
        await nobody.button('Use this code').click();
      }
      await expect(one.page.getByRole('alert')).toContainText(title);
      await expect(one.page.getByRole('alert')).toContainText(about);
      await expect(one.page.getByLabel('Your name for this person')).toHaveCount(0);
    }
    await expect(contacts(bob)).toHaveCount(0);
  }
  await paste(alice, link);
  await expect(alice.page.getByRole('alert')).toContainText('This is your own card');
  await expect(contacts(alice)).toHaveCount(0);
  // None of it spoilt the card.
  await bob.answer(link, 'Bob');
  await bob.say('it still works');
  await alice.talkTo('Bob');
  await alice.hears('it still works');
});

test('W27 an expired card is grey for who made it and told to who opens it', async ({ arrive, browser, relay }) => {
  const alice = await arrive();
  await alice.start();
  const link = await alice.makeCard('Alice');
  const later = await browser.newContext();
  await later.clock.install({ time: Date.now() + 9 * DAY_MS });
  const bob = await Person.arrive(later, relay.web);
  await bob.page.goto(link);
  await expect(bob.page.getByRole('alert')).toContainText('This card has expired');
  await expect(bob.page.getByLabel('Your name for this person')).toHaveCount(0);
  await later.close();

  await alice.page.clock.install({ time: Date.now() + 9 * DAY_MS });
  await alice.reload();
  await alice.go('Chats');
  await alice.page.getByRole('link', { name: 'New contact' }).first().click();
  await alice.page.getByRole('link', { name: /^Expired/ }).click();
  await expect(alice.page.getByText('Nobody answered in time.')).toBeVisible();
  await expect(alice.page.getByRole('img', { name: 'QR code of this card' })).toHaveCount(0);
});

test('W16 a card that was taken back makes no contact', async ({ arrive }) => {
  const [alice, bob] = [await arrive(), await arrive()];
  await alice.start();
  const link = await alice.makeCard('Alice');
  await alice.button('Take the card back').click();
  await expect(alice.page.getByText('You took this card back.')).toBeVisible();
  await expect(alice.page.getByLabel('Link of this card')).toHaveCount(0);
  await bob.answerFresh(link, 'Bob');
  await bob.say('are you there?');
  await bob.delivery('are you there?', 'at the relay');
  await expect(bob.page.getByText('If they took the card back, they will not see it.')).toBeVisible();
  await alice.reload();
  await expect(alice.connection).toContainText('relay connected');
  await expect(contacts(alice)).toHaveCount(0);
});

test('W22 the link of a used card, found again in the history of the browser, opens nothing', async ({ arrive }) => {
  const [alice, bob] = [await arrive(), await arrive()];
  await alice.start();
  const link = await alice.makeCard('Alice');
  await bob.answerFresh(link, 'Bob');
  await bob.say('for your eyes only');
  await alice.talkTo('Bob');
  await alice.hears('for your eyes only');

  // Whoever sits at Bob's browser finds the link, but not his passphrase.
  await bob.page.goto('about:blank');
  await bob.page.goto(link);
  await expect(bob.page.getByText('Unlock first')).toBeVisible();
  await expect(bob.page.getByText('for your eyes only')).toHaveCount(0);
  await expect(bob.page.getByText('Alice')).toHaveCount(0);
  await bob.unlock();
  await expect(bob.page.getByText('You answered this card before')).toBeVisible();
  await expect(contacts(bob)).toHaveCount(1);
  // Who made it sees its state, and gets no second contact from it either.
  await paste(alice, link);
  await expect(alice.page.getByRole('alert')).toContainText('This is your own card');
  await expect(contacts(alice)).toHaveCount(1);
  await bob.page.getByRole('link', { name: 'Open the conversation' }).click();
  await bob.hears('for your eyes only');
});
