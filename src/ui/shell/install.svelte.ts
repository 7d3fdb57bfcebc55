// Offers to install the app, once it has been of use: browsers hand over the moment, we choose when to ask.

interface InstallPrompt extends Event {
  prompt(): Promise<void>;
  readonly userChoice: Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
}

class Install {
  #prompt = $state.raw<InstallPrompt | undefined>();
  isInstalled = $state(false);

  /** Called before anything else could miss the event. */
  listen(): void {
    this.isInstalled = matchMedia('(display-mode: standalone)').matches;
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.#prompt = event as InstallPrompt;
    });
    addEventListener('appinstalled', () => (this.isInstalled = true));
  }

  get canAsk(): boolean {
    return this.#prompt !== undefined && !this.isInstalled;
  }

  /** Safari has no prompt of its own; people add the app by hand. */
  get byHand(): 'safari' | 'other' {
    return /^((?!chrome|android|crios|fxios).)*safari/iu.test(navigator.userAgent) ? 'safari' : 'other';
  }

  async ask(): Promise<void> {
    const prompt = this.#prompt;
    this.#prompt = undefined;
    await prompt?.prompt();
  }
}

export const install = new Install();
