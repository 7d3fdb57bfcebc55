// Every screen, reached over a device in memory (src/ui/testing): for the accessibility run and for looking at them.
import type { Page } from 'playwright/test';
import { OWN_DEVICE_SCENES } from './own-device-screens.ts';
import type { Scene } from './scene.ts';

async function openFirst(page: Page, part: string, index = 0): Promise<void> {
  await page.locator(`a[href^="#/${part}/"]:visible`).nth(index).click();
}

async function openChat(page: Page, index = 0): Promise<void> {
  await openFirst(page, 'chat', index);
  await page.locator('[role=log]').waitFor();
}

/** Into a group of the list, and on to a part of it. */
async function openGroup(page: Page, part?: string, index = 0): Promise<void> {
  await openFirst(page, 'group', index);
  await page.waitForURL(/#\/group\/\w+$/u);
  if (part === undefined) return;
  await page.locator(`#main a[href*="/${part}"]:visible`).first().click();
  await page.waitForURL(new RegExp(`/${part}`, 'u'));
}

/** Through the steps of founding, as far as asked. */
async function found(page: Page, steps: number): Promise<void> {
  const next = page.locator('form button[type=submit]');
  for (const input of await page.locator('form input').all()) await input.fill('Harbour Kitchen');
  if (steps > 0) await next.click();
  if (steps > 0) await page.locator('input[name=template]').nth(2).check();
  if (steps > 1) await next.click();
  if (steps > 1) {
    await page.locator('input[name=addresses]').first().check();
    for (const more of await page.locator('form summary').all()) await more.click();
  }
}

const GROUP_SCENES: readonly Scene[] = [
  { name: 'new group', state: 'open', place: '#/groups/new' },
  { name: 'how a new group decides', state: 'open', place: '#/groups/new', act: (page) => found(page, 1) },
  { name: 'rules of a new group', state: 'open', place: '#/groups/new', act: (page) => found(page, 2) },
  { name: 'group', state: 'open', act: (page) => openGroup(page) },
  { name: 'group with little to say', state: 'open', act: (page) => openGroup(page, undefined, 1) },
  { name: 'group that removed us', state: 'open', act: (page) => openGroup(page, undefined, 2) },
  { name: 'group that is waited for', state: 'open', act: (page) => openGroup(page, undefined, 3) },
  { name: 'channel', state: 'open', act: (page) => openGroup(page, 'channel') },
  {
    name: 'channel that lost its name',
    state: 'open',
    act: async (page) => {
      await openGroup(page);
      await page.locator('#main a[href*="/channel"]:visible').last().click();
      await page.waitForURL(/\/channel/u);
    },
  },
  {
    name: 'thread',
    state: 'open',
    act: async (page) => {
      await openGroup(page, 'channel');
      await page.locator('[data-thread]').click();
      await page.waitForURL(/\/thread\//u);
      await page.locator('[role=log] article').nth(2).waitFor();
    },
  },
  {
    name: 'what a channel pins',
    state: 'open',
    act: async (page) => {
      await openGroup(page, 'channel');
      await page.locator('[data-pins]').click();
      await page.locator('[data-pin-list]').waitFor();
    },
  },
  {
    name: 'that messages disappear',
    state: 'open',
    act: async (page) => {
      await openGroup(page, 'channel');
      await page.locator('#main button.icon-button:has(.lucide-timer)').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'naming somebody',
    state: 'open',
    act: async (page) => {
      await openGroup(page, 'channel');
      await page.locator('#composer').fill('@');
      await page.locator('[role=listbox]').waitFor();
    },
  },
  {
    name: 'new channel',
    state: 'open',
    act: async (page) => {
      await openGroup(page);
      await page.locator('#main section > button').click();
      await page.locator('[role=dialog] select').waitFor();
    },
  },
  {
    name: 'leaving a group',
    state: 'open',
    act: async (page) => {
      await openGroup(page);
      await page.locator('#main .button-danger').click();
      await page.locator('[role=dialog]').waitFor();
    },
  },
  { name: 'people of a group', state: 'open', act: (page) => openGroup(page, 'people') },
  {
    name: 'person in a group',
    state: 'open',
    act: async (page) => {
      await openGroup(page, 'people');
      await page.locator('a[href*="/people/"]:visible').nth(2).click();
      await page.locator('#main h2').first().waitFor();
    },
  },
  {
    name: 'oneself in a group',
    state: 'open',
    act: async (page) => {
      await openGroup(page, 'people');
      await page.locator('a[href*="/people/"]:visible').nth(1).click();
      await page.locator('#main form').waitFor();
    },
  },
  { name: 'invitations', state: 'open', act: (page) => openGroup(page, 'invitations') },
  {
    name: 'invitation',
    state: 'open',
    act: async (page) => {
      await openGroup(page, 'invitations');
      await page.locator('form button[type=submit]').click();
      await page.locator('[data-invitation]').waitFor();
    },
  },
  { name: 'decisions', state: 'open', act: (page) => openGroup(page, 'decisions') },
  { name: 'questions', state: 'open', act: (page) => openGroup(page, 'questions') },
  {
    name: 'new question',
    state: 'open',
    act: async (page) => {
      await openGroup(page, 'questions');
      await page.locator('#main .button-main').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'rules', state: 'open', act: (page) => openGroup(page, 'rules') },
  {
    name: 'other rules',
    state: 'open',
    act: async (page) => {
      await openGroup(page, 'rules');
      await page.locator('#main button.button-plain').last().click();
      await page.locator('form input[type=checkbox]').first().click();
      for (const more of await page.locator('form summary').all()) await more.click();
    },
  },
  { name: 'board of tasks', state: 'open', act: (page) => openTasks(page) },
  { name: 'no tasks', state: 'open', act: (page) => openGroup(page, 'tasks', 1) },
  {
    name: 'menu of a task',
    state: 'open',
    act: async (page) => {
      await openTasks(page);
      await page.locator('[data-card] [aria-haspopup=menu]:visible').first().click();
      await page.locator('[role=menu]').waitFor();
    },
  },
  {
    name: 'list of tasks',
    state: 'open',
    act: async (page) => {
      await openTasks(page);
      await page.locator('button[aria-pressed=false].icon-button:visible').first().click();
      await page.locator('button[aria-expanded].icon-button:visible').click();
      await page.locator('[role=search] input').waitFor();
    },
  },
  {
    name: 'new task',
    state: 'open',
    act: async (page) => {
      await openTasks(page);
      await page.locator('#main button.text-moss:visible').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'task', state: 'open', act: (page) => openTask(page, 'todo', 2) },
  {
    name: 'task that two changed at once',
    state: 'open',
    act: async (page) => {
      await openTask(page, 'doing', 0);
      await page.locator('summary').click();
    },
  },
  { name: 'other groups', state: 'open', act: (page) => openGroup(page, 'neighbours') },
  {
    name: 'card of a group',
    state: 'open',
    act: async (page) => {
      await openNeighbours(page, 'card');
      await page.locator('#main summary').click();
    },
  },
  { name: 'group that is known', state: 'open', act: (page) => openNeighbours(page, 'known') },
  { name: 'asking another group', state: 'open', act: (page) => openNeighbours(page, 'ask') },
  { name: 'history of a group', state: 'open', act: (page) => openGroup(page, 'history') },
  { name: 'invitation answered inside', state: 'open', place: '#/join/dXMgabcdef' },
  { name: 'invitation on a fresh device', state: 'new', place: '#/join/dXMgabcdef' },
  { name: 'cut invitation on a fresh device', state: 'new', place: '#/join/group-cut' },
  { name: 'invitation to where one is', state: 'open', place: '#/join/dXMgalready' },
  { name: 'knocking', state: 'open', place: '#/join/dXMgknock' },
  {
    name: 'invitation that is used up',
    state: 'open',
    place: '#/join/dXMgused-up',
    act: async (page) => {
      await page.locator('form input').fill('Mara');
      await page.locator('form button[type=submit]').click();
      await page.locator('[role=alert] p').first().waitFor();
    },
  },
];

async function openTasks(page: Page): Promise<void> {
  await openGroup(page, 'tasks');
  await page.locator('[data-card]:visible').first().waitFor();
}

async function openNeighbours(page: Page, step: string): Promise<void> {
  await openGroup(page, 'neighbours');
  await page.locator(`#main a[href*="/neighbours/${step}"]:visible`).last().click();
  await page.locator('#main form').first().waitFor();
}

async function openTask(page: Page, column: string, index: number): Promise<void> {
  await openTasks(page);
  const tab = page.locator(`[data-tab=${column}]`);
  if (await tab.isVisible()) await tab.click();
  await page.locator(`[data-column=${column}] [data-task]`).nth(index).click();
  await page.locator('.document-body').waitFor();
}

export const SCENES: readonly Scene[] = [
  ...GROUP_SCENES,
  ...OWN_DEVICE_SCENES,
  { name: 'first screen', state: 'new' },
  {
    name: 'new vault',
    state: 'new',
    place: '#/create',
    act: (page) => page.locator('input').first().fill('moss under old beeches'),
  },
  { name: 'restore', state: 'new', place: '#/restore' },
  { name: 'code, before a vault', state: 'new', place: '#/code' },
  { name: 'fresh link that is no card', state: 'new', place: '#/card/hello' },
  { name: 'unlock', state: 'locked' },
  { name: 'elsewhere', state: 'elsewhere' },
  { name: 'gone', state: 'gone' },
  { name: 'nobody yet', state: 'nobody' },
  { name: 'home', state: 'open' },
  { name: 'chat', state: 'open', act: (page) => openChat(page) },
  { name: 'chat with an odd name', state: 'open', act: (page) => openChat(page, 4) },
  { name: 'chat that is void', state: 'open', act: (page) => openChat(page, 5) },
  {
    name: 'message menu',
    state: 'open',
    act: async (page) => {
      await openChat(page);
      const last = page.locator('article').last();
      await last.hover();
      await last.locator('button[aria-haspopup=menu]').click();
      await page.locator('[role=menu]').waitFor();
    },
  },
  {
    name: 'contact',
    state: 'open',
    act: async (page) => {
      await openChat(page);
      await openFirst(page, 'contact');
      await page.locator('input[name=policy]').first().waitFor();
    },
  },
  { name: 'cards', state: 'open', place: '#/cards' },
  {
    name: 'card that waits',
    state: 'open',
    place: '#/cards',
    act: async (page) => {
      await openFirst(page, 'cards', 3);
      await page.locator('[data-card]').waitFor();
    },
  },
  {
    name: 'card that was used',
    state: 'open',
    place: '#/cards',
    act: async (page) => {
      await openFirst(page, 'cards', 0);
      await page.locator('[data-card]').waitFor();
    },
  },
  { name: 'code, inside', state: 'open', place: '#/code' },
  { name: 'link answered inside', state: 'open', place: '#/card/dXMxabcdef' },
  { name: 'link that has expired', state: 'open', place: '#/card/expired' },
  { name: 'documents', state: 'open', place: '#/documents' },
  { name: 'new document', state: 'open', place: '#/documents/new' },
  {
    name: 'document',
    state: 'open',
    place: '#/documents',
    act: async (page) => {
      await openFirst(page, 'document');
      await page.locator('.document-body').waitFor();
    },
  },
  {
    name: 'who can see a document',
    state: 'open',
    place: '#/documents',
    act: async (page) => {
      await openFirst(page, 'document', 4);
      await page.locator('.document-body').waitFor();
      await page.locator('#main button:has(.lucide-users)').click();
      await page.getByRole('dialog').getByRole('radio').last().check();
    },
  },
  {
    name: 'document of a newer version',
    state: 'open',
    place: '#/documents',
    act: async (page) => {
      await openFirst(page, 'document', 2);
      await page.locator('.document-body').waitFor();
    },
  },
  {
    name: 'tool that is not open yet',
    state: 'open',
    place: '#/documents',
    act: async (page) => {
      await openFirst(page, 'document', 3);
      await page.locator('#main .lucide-play').waitFor();
    },
  },
  {
    name: 'new tool',
    state: 'open',
    place: '#/documents/new',
    act: async (page) => {
      await page.locator('#main select').last().selectOption('tool');
    },
  },
  { name: 'keeping', state: 'open', place: '#/keeping' },
  { name: 'settings', state: 'open', place: '#/settings' },
  {
    name: 'why connected so',
    state: 'open',
    act: (page) => page.locator('button[aria-haspopup=dialog]:visible').first().click(),
  },
  { name: 'keys', state: 'open', act: (page) => page.locator('body').press('?') },
  { name: 'a place that is gone', state: 'open', place: '#/chat/nowhere' },
];

export async function show(page: Page, address: string, scene: Scene): Promise<void> {
  await page.goto(`${address}/?state=${scene.state}${scene.place ?? ''}`);
  await page.locator('#main:visible').waitFor();
  await scene.act?.(page);
  await page.waitForTimeout(150);
}
