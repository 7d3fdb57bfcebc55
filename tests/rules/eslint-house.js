// House rules that no published plugin has: how files are called, and that each begins by saying what it is for.
import path from 'node:path';

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;
const PASCAL = /^[A-Z][A-Za-z0-9]*$/;
const FRAMEWORK = /^\+(page|layout|error)(\.svelte|\.ts)?$/;

const fileName = {
  create(context) {
    const { name, ext } = path.parse(context.filename);
    const fits =
      name.startsWith('.') ||
      FRAMEWORK.test(name + ext) ||
      FRAMEWORK.test(name) ||
      (ext === '.svelte' ? PASCAL : KEBAB).test(name);
    return {
      Program(node) {
        if (!fits) context.report({ node, message: 'Files are kebab-case.ts, components PascalCase.svelte.' });
        if (name === 'index' && ext === '.ts' && !context.filename.includes('service-worker')) {
          context.report({ node, message: 'No barrels: import the file.' });
        }
      },
    };
  },
};

const purposeFirst = {
  create(context) {
    const { ext } = path.parse(context.filename);
    if (ext === '.svelte' || context.filename.endsWith('.config.ts') || context.filename.includes('.config.'))
      return {};
    return {
      Program(node) {
        const first = context.sourceCode.getAllComments()[0];
        const token = node.body[0];
        if (first === undefined || (token !== undefined && first.range[0] > token.range[0])) {
          context.report({ node, message: 'The first line of a file says what it is for.' });
        }
      },
    };
  },
};

export default { rules: { 'file-name': fileName, 'purpose-first': purposeFirst } };
