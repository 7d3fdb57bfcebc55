// A backup on an empty browser, and an old backup beside the device that went on writing.
import { aliceAndBob, expect, test } from './fixtures.ts';
import type { Person } from './person.ts';

const BACKUP_PASSPHRASE = 'nine brown otters below the mill';

async function spoken(person: Person): Promise<readonly string[]> {
  const texts = await person.page.locator('article[data-message]').allTextContents();
  // Without the time and the delivery, which are said in words of their own moment.
  return texts.map((text) =>
    text
      .replace(/\s+/g, ' ')
      .replace(/\d?\d:\d\d.*/, '')
      .trim(),
  );
}

test('W09 J2 a backup brings everything back on an empty browser: people, conversation, documents', async ({
  arrive,
}) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await alice.page.getByRole('link', { name: 'About this contact' }).click();
  await alice.page.getByLabel('Your name for them').fill('Robert of the mill');
  await alice.button('Save').click();
  await alice.button('They are the same').click();
  const digits = await alice.page.locator('[dir=ltr].font-mono').innerText();
  await alice.talkTo('Robert of the mill');
  await alice.say('kept for later');
  await alice.newDocument('Seeds', 'Robert of the mill');
  await alice.write('Beans and peas. ');
  await bob.openDocument('Seeds');
  await bob.reads('Beans and peas.');
  await alice.talkTo('Robert of the mill');
  await alice.composer.fill('half a sentence');
  const before = await spoken(alice);
  expect(before.length).toBeGreaterThanOrEqual(2);
  const file = await alice.backUp(BACKUP_PASSPHRASE);

  const restored = await arrive();
  await restored.restore(file, BACKUP_PASSPHRASE);
  await alice.page.context().close();
  await restored.talkTo('Robert of the mill');
  await restored.hears('kept for later');
  expect(await spoken(restored)).toEqual(before);
  await expect(restored.composer).toHaveValue('half a sentence');
  await restored.page.getByRole('link', { name: 'About this contact' }).click();
  await expect(restored.page.locator('[dir=ltr].font-mono')).toHaveText(digits.replace(/\s+/g, ''), {
    useInnerText: false,
  });
  await expect(restored.page.getByText('You compared the number')).toBeVisible();
  await restored.openDocument('Seeds');
  await restored.reads('Beans and peas.');
  await restored.write('And leeks. ');
  await bob.reads('And leeks.', 40_000);
  await bob.talkTo('Alice');
  await restored.talkTo('Robert of the mill');
  await restored.composer.fill('');
  await restored.say('here again');
  await bob.hears('here again', 40_000);
  await bob.say('welcome back');
  await restored.hears('welcome back', 40_000);
});

test('W09 J2 an old backup beside the device that went on: nothing is lost and nobody accused', async ({ arrive }) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await alice.newDocument('Ledger', 'Bob');
  await alice.write('Before. ');
  await alice.talkTo('Bob');
  await alice.say('before the backup');
  const file = await alice.backUp(BACKUP_PASSPHRASE);
  await alice.talkTo('Bob');
  await alice.say('after the backup');
  await bob.hears('after the backup');
  await alice.openDocument('Ledger');
  await alice.write('After. ');

  const restored = await arrive();
  await restored.restore(file, BACKUP_PASSPHRASE);
  await restored.talkTo('Bob');
  await restored.hears('before the backup');
  await restored.say('from the restored one');
  await alice.talkTo('Bob');
  await alice.say('from the old one');
  await bob.say('from Bob to both');
  await restored.openDocument('Ledger');
  await restored.write('Restored. ');
  await restored.talkTo('Bob');
  await alice.openDocument('Ledger');
  await alice.write('Old. ');
  await alice.talkTo('Bob');

  const all = [
    'before the backup',
    'after the backup',
    'from the restored one',
    'from the old one',
    'from Bob to both',
  ];
  for (const person of [bob, alice, restored]) {
    for (const text of all) {
      await person.hears(text, 60_000);
      await expect(person.message(text)).toHaveCount(1);
    }
    await expect(person.composer).toBeVisible();
  }
  for (const person of [bob, alice, restored]) {
    await person.openDocument('Ledger');
    for (const word of ['Before.', 'After.', 'Restored.', 'Old.']) await person.reads(word, 60_000);
  }
  const texts = await Promise.all([bob, alice, restored].map((person) => person.editor.innerText()));
  expect(new Set(texts.map((text) => text.trim())).size).toBe(1);
});
