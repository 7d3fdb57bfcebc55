// Tools: small programs that people use together inside a document, and that reach nothing else.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FrameLocator, Locator } from 'playwright/test';
import { aliceAndBob, expect, test } from './fixtures.ts';
import { FLOODING_TOOL, HANGING_TOOL, pryingTool } from './hostile-tool.ts';
import { withNetLog } from './net-log.ts';
import { Person } from './person.ts';
import { beginTool } from './tools.ts';

/** A road that is closed still costs a tool some seconds of waiting. */
const ALL_ROADS = 60_000;

const frameOf = ({ page }: Person): Locator => page.locator('iframe[src="tool-frame.html"]');
const insideOf = ({ page }: Person): FrameLocator =>
  page.frameLocator('iframe[src="tool-frame.html"]').frameLocator('iframe');

const hasFocus = (one: Locator): Promise<boolean> => one.evaluate((element) => element === document.activeElement);

async function turnTo(person: Person, title: string): Promise<void> {
  await person.go('Documents');
  await person.page.getByRole('complementary', { name: 'Documents' }).getByRole('link', { name: title }).click();
}

test('P25 two people vote in a poll, which runs when they say so, also without the relay node', async ({
  arrive,
  relay,
}) => {
  const { alice, bob } = await aliceAndBob(arrive);
  await beginTool(alice, 'Lunch');
  await alice.button('Open the tool').click();
  const [a, b] = [insideOf(alice), insideOf(bob)];
  await a.getByLabel('What is the question?').fill('What do we eat?');
  await a.getByLabel('Options, one on each line').fill('Soup\nBread');
  await a.getByRole('button', { name: 'Begin the poll' }).click();
  await expect(a.getByRole('heading', { name: 'What do we eat?' })).toBeVisible();
  await a.getByRole('button', { name: 'Choose: Soup' }).click();
  await expect(a.getByRole('listitem').filter({ hasText: 'Soup' })).toContainText('1 voice: Alice');

  // Nothing runs by itself, and the page says whose it is.
  await turnTo(bob, 'Lunch');
  await expect(bob.page.getByText(/A tool by .?Alice.?\. It sees only what is typed into it/u)).toBeVisible();
  await expect(frameOf(bob)).toHaveCount(0);
  await bob.button('Open the tool').click();
  await b.getByRole('button', { name: 'Choose: Bread' }).click();
  for (const inside of [a, b]) {
    await expect(inside.getByRole('listitem').filter({ hasText: 'Soup' })).toContainText('1 voice: Alice');
    await expect(inside.getByRole('listitem').filter({ hasText: 'Bread' })).toContainText('1 voice: Bob');
  }

  // By keyboard: in, something done, and out again.
  await bob.button('Stop the tool').focus();
  const soup = b.getByRole('button', { name: 'Choose: Soup' });
  for (let steps = 0; steps < 4 && !(await hasFocus(soup)); steps++) await bob.page.keyboard.press('Tab');
  await expect(soup).toBeFocused();
  await bob.page.keyboard.press('Enter');
  await expect(b.getByRole('listitem').filter({ hasText: 'Soup' })).toContainText('2 voices');
  await bob.page.keyboard.press('Escape');
  await expect(bob.button('Stop the tool')).toBeFocused();
  await bob.page.keyboard.press('Enter');
  await expect(frameOf(bob)).toHaveCount(0);

  await relay.close();
  await alice.reload();
  await turnTo(alice, 'Lunch');
  await alice.button('Open the tool').click();
  await expect(a.getByRole('listitem').filter({ hasText: 'Soup' })).toContainText('2 voices');
});

test('P25 a tool reaches nobody and nothing, and can be stopped whatever it does', async ({ relay, launchOptions }) => {
  const asked: string[] = [];
  const log = await withNetLog(launchOptions, async (browser) => {
    const { alice, bob } = await aliceAndBob(async () => {
      const permissions = ['camera', 'microphone', 'geolocation', 'clipboard-read', 'notifications'];
      const person = await Person.arrive(await browser.newContext({ locale: 'en-GB', permissions }), relay.web);
      person.page.on('websocket', (socket) => asked.push(socket.url()));
      return person;
    });
    await beginTool(alice, 'Prying', pryingTool(`${relay.web}/`));
    await alice.button('Open the tool').click();
    await expect(insideOf(alice).getByRole('status')).toHaveText('reached nothing', { timeout: ALL_ROADS });

    await beginTool(alice, 'Hanging', HANGING_TOOL);
    await alice.button('Open the tool').click();
    await insideOf(alice).getByRole('button', { name: 'Hang' }).click();
    await alice.button('Stop the tool').click();
    await expect(frameOf(alice)).toHaveCount(0);

    await beginTool(alice, 'Flooding', FLOODING_TOOL);
    await alice.button('Open the tool').click();
    await expect(alice.page.getByText('The tool did too much at once and was stopped.')).toBeVisible();
    await expect(frameOf(alice)).toHaveCount(0);

    // All in good order afterwards, here and there.
    await alice.talkTo('Bob');
    await alice.say('still here');
    await bob.hears('still here');
  });
  expect(log).not.toContain('evil.example');
  expect(asked.filter((url) => url.includes('evil.example'))).toEqual([]);
});

test('P25 the same tool outside its frame is noticed on its way', async ({ launchOptions }) => {
  const bare = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>no policy</title>');
  });
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`;
  let reached = '';
  const log = await withNetLog(launchOptions, async (browser) => {
    const page = await browser.newPage();
    await page.goto(address);
    reached = await page.evaluate(
      (code) =>
        new Promise<string>((resolve) => {
          const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
          worker.onmessage = ({ data }: MessageEvent<{ show?: { is?: string; has?: string } }>) => {
            if (data.show === undefined) return;
            if (data.show.is === 'output') resolve(String(data.show.has));
            else worker.postMessage({ refused: 'show', why: 'not drawn here' });
          };
          worker.postMessage({ v: 1, state: [] });
        }),
      pryingTool(address),
    );
  });
  bare.close();
  for (const road of ['own', 'blobs', 'evaluated', 'database', 'address', 'origin'])
    expect(reached).toContain(`${road}:`);
  for (const road of ['fetch', 'nocors', 'request', 'socket', 'events', 'scripts', 'module', 'font', 'nested'])
    expect(log, road).toContain(`${road}.evil.example`);
});
