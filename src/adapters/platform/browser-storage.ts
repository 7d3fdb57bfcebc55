// What the browser says about keeping our data: promised, used, allowed. It may know none of it.

export interface StorageFacts {
  readonly persisted: boolean;
  readonly usedBytes: number | undefined;
  readonly allowedBytes: number | undefined;
}

/** Never rejects: a browser without the interface, or one that forbids it, promises nothing. */
export async function storageFacts(): Promise<StorageFacts> {
  const [persisted, estimate] = await Promise.all([
    ask(() => navigator.storage.persisted()),
    ask(() => navigator.storage.estimate()),
  ]);
  return { persisted: persisted ?? false, usedBytes: estimate?.usage, allowedBytes: estimate?.quota };
}

/** Asks the browser not to delete our data by itself. Some show a question, so ask only once there is something. */
export async function askToPersist(): Promise<boolean> {
  return (await ask(() => navigator.storage.persist())) ?? false;
}

async function ask<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question();
  } catch {
    return undefined;
  }
}
