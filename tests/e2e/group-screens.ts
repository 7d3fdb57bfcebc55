// What people do in a group, on the screens over a device in memory, by keyboard alone where it says so. The same acts
// between real devices are told elsewhere; here it is the screens that are looked at.
import { expect, test, type Page } from 'playwright/test';
import { tabTo } from './keys.ts';

// Names in sentences stand between invisible marks that keep their direction: `.?` below.

export function groupStories(address: () => string): void {
  const begin = async (page: Page, where: string): Promise<void> => {
    await page.addInitScript(() => localStorage.setItem('understory.language', 'en'));
    await page.goto(`${address()}/?state=${where}`);
    await page.locator('#main:visible').waitFor();
  };
  const toGroup = async (page: Page, name: string): Promise<void> => {
    await page.getByRole('list', { name: 'Groups' }).getByRole('link', { name }).click();
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  };

  test('P26 a group is founded by keyboard alone, its rules adjusted, and somebody invited', async ({ page }) => {
    await begin(page, 'nobody');
    const { keyboard } = page;
    await tabTo(page, page.getByRole('link', { name: 'New group' }).last());
    await keyboard.press('Enter');
    await tabTo(page, page.getByLabel('Name of the group'));
    await keyboard.type('Harbour Kitchen');
    await keyboard.press('Tab');
    await keyboard.type('Mara');
    await keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'How do you want to decide?' })).toBeFocused();
    await keyboard.press('Tab');
    await keyboard.press('Space');
    await keyboard.press('ArrowDown');
    await expect(page.getByRole('radio', { name: /^Assembly/ })).toBeChecked();
    await expect(page.getByText(/those with the role .?Voter.? can change the rules/u)).toBeVisible();
    await keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'One last question' })).toBeFocused();
    await expect(page.getByRole('button', { name: 'Found the group' })).toBeDisabled();
    await keyboard.press('Tab');
    await keyboard.press('Space');
    await tabTo(page, page.locator('summary', { hasText: 'Adjust roles and rules' }));
    await keyboard.press('Enter');
    await tabTo(page, page.getByRole('button', { name: 'Add a question' }));
    await keyboard.press('Enter');
    await page.getByLabel('Question 1', { exact: true }).fill('Who do you know here?');
    await tabTo(page, page.getByRole('button', { name: 'Found the group' }));
    await keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Harbour Kitchen' })).toBeVisible();
    await tabTo(page, page.getByRole('link', { name: 'Invite people' }).first());
    await keyboard.press('Enter');
    await tabTo(page, page.getByRole('button', { name: 'Make the invitation' }));
    await keyboard.press('Enter');
    await expect(page.getByLabel('Link of this invitation')).toHaveValue(/#\/join\//);
    await expect(page.getByRole('img', { name: 'QR code of this invitation' })).toBeVisible();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as a file' }).click();
    expect((await saving).suggestedFilename()).toBe('invitation.txt');
    await page.getByRole('button', { name: 'Take the invitation back' }).click();
    await expect(page.locator('[data-invitation=withdrawn]')).toBeVisible();
  });

  test('a question is asked, answered and ended by keyboard alone', async ({ page }) => {
    await begin(page, 'open');
    await toGroup(page, 'Harbour Kitchen');
    const { keyboard } = page;
    await tabTo(page, page.getByRole('link', { name: /^Questions/ }));
    await keyboard.press('Enter');
    const past = page.locator('[data-question=over]');
    await expect(past).toContainText('It passed.');
    await expect(past).toContainText('I work late, but go ahead.');
    await expect(page.locator('[data-until=over]')).toContainText('Whoever asked or may decide can end it now');
    await tabTo(page, page.getByRole('button', { name: 'Ask something' }));
    await keyboard.press('Enter');
    await tabTo(page, page.getByLabel('Question', { exact: true }));
    await keyboard.type('Who opens the hall?');
    await tabTo(page, page.getByRole('radio', { name: /^Poll/ }));
    await keyboard.press('ArrowDown');
    await expect(page.getByRole('radio', { name: /^Consent/ })).toBeChecked();
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    await expect(page.getByRole('radio', { name: /^Ranking/ })).toBeChecked();
    await tabTo(page, page.getByLabel('Option 1', { exact: true }));
    await keyboard.type('Bo');
    await keyboard.press('Tab');
    await keyboard.type('Chidi');
    await tabTo(page, page.getByRole('button', { name: 'In a week' }));
    await keyboard.press('Enter');
    await tabTo(page, page.getByRole('button', { name: 'Ask', exact: true }));
    await keyboard.press('Enter');
    const asked = page.locator('[data-question=open]', { hasText: 'Who opens the hall?' });
    await expect(asked).toContainText('1 more must answer.');
    await expect(asked.locator('[data-until=to-come]')).toContainText('Answers until');
    await tabTo(page, asked.getByLabel('Chidi'));
    await keyboard.press('1');
    await tabTo(page, asked.getByRole('button', { name: /^Answer/ }));
    await keyboard.press('Enter');
    await expect(asked).toContainText(/Ahead: .?Chidi/u);
    await tabTo(page, asked.getByRole('button', { name: /^End it and count/ }));
    await keyboard.press('Enter');
    await expect(past.filter({ hasText: 'Who opens the hall?' })).toContainText(/Chosen: .?Chidi/u);
  });

  test('X20 from a fresh link to the first message: passphrase, name, and one can write', async ({ page }) => {
    await begin(page, 'new#/join/dXMgabcdef');
    expect(page.url()).not.toContain('dXMg');
    await expect(page.getByText('Riverside Allotments')).toBeVisible();
    await page.getByLabel('Passphrase', { exact: true }).fill('moss under old beeches');
    await page.getByLabel('The passphrase again').fill('moss under old beeches');
    await page.getByLabel('Your name in this group').fill('Noor');
    await page.getByRole('button', { name: 'Come in' }).click();
    const field = page.getByRole('textbox', { name: 'Message to General' });
    await expect(field).toBeFocused();
    await page.keyboard.type('Hello all');
    await page.keyboard.press('Enter');
    await expect(page.locator('article[data-message]', { hasText: 'Hello all' })).toBeVisible();
  });

  for (const [words, sentence] of [
    ['dXMgwaiting', 'You are on your way in'],
    ['dXMgused-up', 'This invitation is used up'],
    ['dXMgwithdrawn', 'This invitation was taken back'],
    ['group-newer-version', 'This invitation was made by a newer Understory'],
    ['group-cut', 'This code is cut off'],
    ['something-else', 'This is not an Understory card'],
  ] as const) {
    test(`an invitation says in a sentence what is wrong with it: ${sentence}`, async ({ page }) => {
      await begin(page, `open#/join/${words}`);
      // What is no invitation for sure is found out without asking for a name.
      const name = page.getByLabel('Your name in this group');
      if (words.startsWith('dXMg')) {
        await name.fill('Noor');
        await page.getByRole('button', { name: 'Come in' }).click();
      } else if (words === 'something-else') {
        await page.goto(`${address()}/?state=new#/join/${words}`);
      }
      await expect(page.getByText(sentence)).toBeVisible();
    });
  }

  test('X21 somebody is named by keyboard, and a message that names one stands out', async ({ page }) => {
    await begin(page, 'open');
    await expect(page.getByText('1 message names you')).toBeAttached();
    await toGroup(page, 'Harbour Kitchen');
    await page.getByRole('link', { name: /^General/ }).click();
    const field = page.getByRole('textbox', { name: 'Message to General' });
    await expect(field).toBeFocused();
    await page.keyboard.type('Ask @');
    await expect(page.getByRole('option')).toHaveCount(4);
    await page.keyboard.press('ArrowDown');
    await expect(field).toHaveAttribute('aria-activedescendant', 'mention-1');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('option')).toHaveCount(0);
    await page.keyboard.type('ok');
    await page.keyboard.press('Enter');
    await expect(field).toHaveValue('Ask @Chidi Okonkwo ');
    await page.keyboard.type('for the van');
    await page.keyboard.press('Enter');
    const mine = page.locator('article[data-message]', { hasText: 'for the van' });
    await expect(mine.locator('bdi', { hasText: '@Chidi Okonkwo' })).toBeVisible();
    await expect(page.locator('article bdi.bg-chanterelle-tint', { hasText: '@Mara' })).toBeVisible();
    // The author stands at the head of a run, once.
    await page.getByRole('log').hover();
    await page.mouse.wheel(0, -5_000);
    const second = page.locator('article', { has: page.getByRole('paragraph').getByText('Who brings the big pots?') });
    await expect(second).toHaveAttribute('aria-label', /^Ana/u);
    await expect(second).not.toContainText('Ana');
  });

  test('P28 P33 what may not be done alone is proposed, agreed to, and done', async ({ page }) => {
    await begin(page, 'open');
    await toGroup(page, 'Harbour Kitchen');
    await page.getByRole('link', { name: /^People/u }).click();
    await page.getByRole('link', { name: /^Bo/ }).first().click();
    await expect(page.getByText(/Ana.? gave .?Bo.? the role .?Councillor/u)).toBeVisible();
    await page.getByRole('button', { name: 'Propose to remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Propose to remove' }).click();
    await expect(page.getByText('Proposed. The others find it under Decisions.')).toBeVisible();
    await page.getByRole('link', { name: 'Back', exact: true }).click();
    await page.getByRole('link', { name: 'Back', exact: true }).click();
    await page.getByRole('link', { name: /^Decisions/ }).click();
    const proposals = page.locator('[data-proposal]');
    await expect(proposals.filter({ hasText: 'Remove' })).toContainText('1 more must agree.');
    await proposals
      .filter({ hasText: 'Change the rules' })
      .getByRole('button', { name: /^Agree/ })
      .click();
    await expect(proposals.filter({ hasText: 'Change the rules' })).toHaveCount(0);
    await page
      .locator('[data-knock]')
      .getByRole('button', { name: /^Vouch/ })
      .click();
    await expect(page.locator('[data-knock]')).toHaveCount(0);
    await page.getByRole('link', { name: 'Back', exact: true }).click();
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await expect(page.getByText(/let .?Noor.? in\./u)).toBeVisible();
    await expect(page.locator('[data-fate=illegal]')).toContainText(/did not allow .?Chidi Okonkwo/u);
    await expect(page.locator('[data-fate=void]')).toContainText('has their role for longer');
  });

  test('P27 other rules are put into words before they are proposed', async ({ page }) => {
    await begin(page, 'open');
    await toGroup(page, 'Harbour Kitchen');
    await page.getByRole('link', { name: 'Rules' }).click();
    await page.getByRole('button', { name: 'Propose other rules' }).click();
    const propose = page.getByRole('button', { name: 'Propose other rules' });
    await expect(propose).toBeDisabled();
    await page.getByRole('checkbox', { name: 'invite people' }).first().check();
    await expect(page.getByRole('listitem').filter({ hasText: 'New:' })).toContainText('Every member: invite people');
    await propose.click();
    await expect(page.getByText('Proposed. The others find it under Decisions.')).toBeVisible();
  });

  test('leaving says what stays, and wiping takes it away', async ({ page }) => {
    await begin(page, 'open');
    await toGroup(page, 'Night Shift');
    await page.getByRole('button', { name: 'Leave the group' }).click();
    await expect(page.getByText('What you have read stays on this device.')).toBeVisible();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave the group' }).click();
    await expect(page.getByText('You left this group')).toBeVisible();
    await page.getByRole('button', { name: 'Wipe it from this device' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Wipe it from this device' }).click();
    await expect(page.getByRole('list', { name: 'Groups' }).getByRole('link', { name: 'Night Shift' })).toHaveCount(0);
    await toGroup(page, 'Old Mill');
    await expect(page.getByText(/Bo.? removed you\./u)).toBeVisible();
  });
}
