// How the message catalogue becomes code, for the app and for the tests of its screens.

export const TEXTS = {
  project: './project.inlang',
  outdir: './.paraglide',
  // The screens keep the language (src/ui/language): no cookie, no address, nothing a host could see.
  strategy: ['globalVariable', 'baseLocale'] as ('globalVariable' | 'baseLocale')[],
  emitGitIgnore: false,
  emitReadme: false,
};
