/**
 * Holds the plugin to PHP 7.4: `node syntax.mjs` reads its .php files (or those of
 * a folder that is given) and names each line that PHP 7.4 does not read.
 *
 * php-parser knows the grammar of 7.4, but lets some of what came later pass; those are looked for in its tree.
 */

import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import php from 'php-parser';

/** Types that PHP learned after 7.4 (php.net, Type declarations). */
const LATER_TYPES = new Set(['mixed', 'static', 'never', 'false', 'true', 'null']);

/** Functions that came after 7.4 (php.net, Migrating from 7.4 to 8.x); WordPress brings some of them, not all. */
const LATER_FUNCTIONS = new Set([
  ...['str_contains', 'str_starts_with', 'str_ends_with', 'get_debug_type', 'get_resource_id', 'fdiv'],
  ...['preg_last_error_msg', 'array_is_list', 'enum_exists', 'json_validate', 'mb_str_pad', 'mb_trim'],
  ...['array_find', 'array_find_key', 'array_any', 'array_all', 'array_first', 'array_last'],
]);

/** @typedef {Record<string, any>} Tree a node of php-parser's */

/** @param {Tree | null | undefined} value of a parameter, property or constant */
const made = (value) => (value?.kind === 'new' ? 'an object as a default' : '');

/**
 * What of one node PHP 7.4 does not read, or ''; `field` is where its parent has it.
 *
 * @type {Record<string, (node: Tree, field: string) => string>}
 */
const RULES = {
  parameter: (node) => (node.flags || node.readonly ? 'a promoted property' : made(node.value)),
  uniontype: () => 'a union type',
  intersectiontype: () => 'an intersection type',
  typereference: (node, field) =>
    field === 'type' && LATER_TYPES.has(String(node.raw).toLowerCase()) ? `the type ${node.raw}` : '',
  property: (node) => (node.readonly ? 'a readonly property' : made(node.value)),
  constant: (node) => made(node.value),
  staticvariable: (node) => made(node.defaultValue),
  class: (node) => (node.isReadonly ? 'a readonly class' : ''),
  staticlookup: (node) =>
    node.offset?.name === 'class' && !/(name|reference)$/.test(node.what.kind) ? '::class of an object' : '',
  number: (node) => (/^0o/i.test(node.value) ? 'the octal prefix 0o' : ''),
  call: ({ what }) =>
    what.kind === 'name' && LATER_FUNCTIONS.has(what.name.replace('\\', '')) ? `the function ${what.name}()` : '',
};

/**
 * What PHP 7.4 does not read of a file.
 *
 * @param {string} code
 * @param {string} name for the sentences
 * @returns {string[]} sentences, with name and line
 */
export function faults(code, name) {
  const parser = new php.Engine({ parser: { version: 704, extractDoc: false }, ast: { withPositions: true } });
  try {
    return [...walk(parser.parseCode(code, name), '', name)];
  } catch (error) {
    const { message, lineNumber } = /** @type {{message: string, lineNumber: number}} */ (error);
    return [`${name}:${lineNumber}: ${message.replace(/ on line \d+$/, '')}`];
  }
}

/**
 * @param {Tree} node
 * @param {string} field
 * @param {string} name
 * @returns {Generator<string>}
 */
function* walk(node, field, name) {
  const later = RULES[node.kind]?.(node, field) ?? '';
  if (later) {
    yield `${name}:${node.loc.start.line}: ${later} is not in PHP 7.4`;
  }
  for (const [inner, value] of Object.entries(node)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one?.kind === 'string') {
        yield* walk(one, inner, name);
      }
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? dirname(fileURLToPath(import.meta.url));
  const paths = readdirSync(folder, { recursive: true }).map(String);
  const files = paths.filter((path) => path.endsWith('.php')).sort();
  const found = files.flatMap((path) => faults(readFileSync(join(folder, path), 'utf8'), path));
  console.log(found.length ? found.join('\n') : `${files.length} files are PHP 7.4`);
  process.exitCode = found.length ? 1 : 0;
}
