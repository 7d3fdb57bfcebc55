// Tasks by keyboard, by mouse and from a message, over the screens in memory: they run the rules that ship.
import type { Server } from 'node:http';
import { expect, test, type Locator, type Page } from 'playwright/test';
import { sharedScreens } from './built-screens.ts';

let address: string;
let server: Server | undefined;

test.beforeAll(async () => {
  ({ address, server } = await sharedScreens());
});

test.afterAll(() => server?.close());

async function openBoard(page: Page, query = ''): Promise<void> {
  await page.goto(`${address}/?state=open${query}`);
  await page.locator('a[href^="#/group/"]:visible').first().click();
  await page.locator('#main a[href$="/tasks"]:visible').click();
  await page.locator('[data-card]:visible').first().waitFor();
}

const column = (page: Page, place: string): Locator => page.locator(`[data-column=${place}]`);
const card = (page: Page, title: string): Locator => page.locator('[data-task]', { hasText: title });
const titles = (page: Page, place: string): Promise<string[]> =>
  column(page, place).locator('[data-task]').allInnerTexts();

test('P29 by keys alone a task is made, picked up, put into another column, taken back and put in order', async ({
  page,
}) => {
  await openBoard(page);
  const first = (await titles(page, 'todo'))[0]!;
  const second = (await titles(page, 'todo'))[1]!;
  await card(page, first).focus();
  await page.keyboard.press('ArrowDown');
  await expect(card(page, second)).toBeFocused();

  await page.keyboard.press('Space');
  await expect(page.getByText('Picked up:')).toBeAttached();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByText(/^Doing, place \d of \d$/)).toBeAttached();
  await expect(column(page, 'doing').locator('[data-line]')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(column(page, 'doing').locator('[data-task]', { hasText: second })).toBeFocused();

  await page.getByRole('button', { name: 'Undo' }).last().focus();
  await page.keyboard.press('Enter');
  await expect(column(page, 'todo').locator('[data-task]', { hasText: second })).toBeVisible();
  expect((await titles(page, 'todo'))[1]).toBe(second);

  await card(page, second).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Space');
  await expect.poll(async () => (await titles(page, 'todo')).slice(0, 2)).toEqual([second, first]);
  await expect(card(page, second)).toBeFocused();

  await card(page, first).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect(column(page, 'todo').locator('[data-line]')).toHaveCount(0);
  await expect(card(page, first)).toBeFocused();
  expect((await titles(page, 'todo')).slice(0, 2)).toEqual([second, first]);

  await page.getByLabel('New task in “To do”').focus();
  await page.keyboard.type('Sweep the yard');
  await page.keyboard.press('Enter');
  await expect(card(page, 'Sweep the yard')).toBeVisible();
});

test('a task is dragged with the mouse, and a press alone still opens it', async ({ page }) => {
  await openBoard(page);
  const [title] = await titles(page, 'todo');
  const from = (await card(page, title!).boundingBox())!;
  const to = (await column(page, 'doing').locator('[data-card]').first().boundingBox())!;
  await page.mouse.move(from.x + 20, from.y + 15);
  await page.mouse.down();
  await page.mouse.move(from.x + 60, from.y + 30);
  await page.mouse.move(to.x + 40, to.y + 5, { steps: 4 });
  await expect(column(page, 'doing').locator('[data-line]')).toBeVisible();
  await page.mouse.up();
  await expect.poll(async () => (await titles(page, 'doing'))[0]).toBe(title);
  await card(page, title!).click();
  await expect(page.getByRole('heading', { name: title!, level: 1 })).toBeAttached();
  await page.getByRole('link', { name: 'Back', exact: true }).click();
  await expect(card(page, title!)).toBeFocused();
});

test('the menu moves a task where hands cannot drag, on a small screen too', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await openBoard(page);
  const [title] = await titles(page, 'todo');
  await page.getByRole('button', { name: `Move or take: \u2068${title!}` }).click();
  await page.getByRole('menuitem', { name: 'Done' }).click();
  await expect(page.getByRole('button', { name: /^Done \d/, pressed: true })).toBeVisible();
  await expect(column(page, 'done').locator('[data-task]', { hasText: title! })).toBeFocused();
});

test('what two did without knowing of each other is explained, and settled with one press', async ({ page }) => {
  await openBoard(page);
  await card(page, 'Posters for the harbour').click();
  const notice = page.locator('p', { hasText: 'Without knowing of that' });
  await expect(notice).toContainText('Ana');
  await expect(page.getByLabel('Who does it')).toHaveValue(/Chidi/u);
  await page.getByRole('button', { name: /^Give it to/ }).click();
  await expect(notice).toHaveCount(0);
  await expect(page.getByLabel('Who does it')).toHaveValue(/person:person Bo/u);
});

test('a message becomes a task in one go, and the task knows the message', async ({ page }) => {
  await page.goto(`${address}/?state=open`);
  await page.locator('a[href^="#/group/"]:visible').first().click();
  await page.locator('#main a[href*="/channel/"]:visible').first().click();
  const said = page.locator('article', { hasText: 'Van is booked.' });
  await said.hover();
  await said.getByRole('button', { name: 'More' }).or(said.locator('[aria-haspopup=menu]')).first().click();
  await page.getByRole('menuitem', { name: 'Make a task of it' }).click();
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Van is booked.', level: 1 })).toBeAttached();
  await expect(page.getByRole('heading', { name: 'From a message' })).toBeVisible();
});

test('X21 what was answered in a thread becomes a task too, which leads back there', async ({ page }) => {
  await page.goto(`${address}/?state=open`);
  await page.locator('a[href^="#/group/"]:visible').first().click();
  await page.locator('#main a[href*="/channel/"]:visible').first().click();
  await page
    .getByRole('button', { name: /answer/i })
    .first()
    .click();
  await expect(page.getByRole('heading', { level: 1, name: 'Thread' })).toBeVisible();
  const said = page.locator('article').nth(1);
  const words = await said.locator('p[dir=auto]').innerText();
  await said.hover();
  await said.locator('[aria-haspopup=menu]').first().click();
  await page.getByRole('menuitem', { name: 'Make a task of it' }).click();
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'From a message' })).toBeVisible();
  await page.locator('a[href*="/thread/"]', { hasText: words }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Thread' })).toBeVisible();
});

test('of five thousand tasks only what has room on the screen is drawn, and the rest comes by scrolling', async ({
  page,
}) => {
  await page.goto(`${address}/?state=open&many`);
  await page.locator('a[href^="#/group/"]:visible').first().click();
  await page.locator('#main a[href$="/tasks"]:visible').click();
  const drawn = page.locator('[data-card]');
  await drawn.locator('visible=true').first().waitFor();
  await expect(page.getByRole('heading', { name: /To do 2000/ })).toBeVisible();
  expect(await drawn.count()).toBeLessThan(100);
  const first = await drawn.first().innerText();
  await drawn.first().hover();
  await page.mouse.wheel(0, 40_000);
  await expect.poll(() => drawn.first().innerText()).not.toBe(first);
  expect(await drawn.count()).toBeLessThan(100);
});
