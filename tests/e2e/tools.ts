// Tools in stories: how somebody begins one.
import { expect } from 'playwright/test';
import type { Person } from './person.ts';

/** A document that is a tool: the poll that comes along, or what `code` says. */
export async function beginTool(person: Person, title: string, code?: string): Promise<void> {
  await person.go('Documents');
  await person.page.getByRole('link', { name: 'New document' }).first().click();
  await person.page.getByLabel('Title').fill(title);
  await person.page.getByLabel('What is it?').selectOption('tool');
  if (code !== undefined) {
    await person.page.getByLabel('Which tool?').selectOption('file');
    const file = { name: 'tool.js', mimeType: 'text/javascript', buffer: Buffer.from(code) };
    await person.page.getByLabel('File of the tool').setInputFiles(file);
  }
  await person.button('Create').click();
  await expect(person.button('Open the tool')).toBeVisible();
}
