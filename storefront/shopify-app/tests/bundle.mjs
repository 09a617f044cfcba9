/** Bundles the order-status extension as `shopify app deploy` does: all its places in one script. */

import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { readToml } from './files.mjs';

const FOLDER = 'extensions/order-status';

/** @returns {Promise<string>} the script, minified */
export async function bundle() {
  const [{ targeting }] = readToml(`${FOLDER}/shopify.extension.toml`).extensions;
  const starts = targeting.map(
    ({ target, module }, index) =>
      `import start${index} from '${module}';\nshopify.extend('${target}', (...given) => start${index}(...given));`,
  );
  const { outputFiles } = await build({
    stdin: {
      contents: starts.join('\n'),
      resolveDir: fileURLToPath(new URL(`../${FOLDER}`, import.meta.url)),
      loader: 'tsx',
    },
    bundle: true,
    write: false,
    minify: true,
    legalComments: 'none',
    // Shopify's tool compiles for browsers as old as these.
    target: 'es6',
    define: { 'process.env.NODE_ENV': '"production"' },
    // Whose JSX it is stands in the extension's tsconfig.json.
    jsx: 'automatic',
    logLevel: 'silent',
  });
  return outputFiles[0].text;
}
