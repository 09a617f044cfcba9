import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'node:test';

import { faults } from '../syntax.mjs';

const LATER = {
  'match': '$x = match (1) { 1 => 2 };',
  'a named argument': 'f(a: 1);',
  'nullsafe': '$a?->b();',
  'a promoted property': 'class A { public function __construct(private $x) {} }',
  'a union type': 'function f(int|string $x) {}',
  'an intersection type': 'function f(A&B $x) {}',
  'mixed': 'function f(mixed $x) {}',
  'static as a return type': 'class A { public function f(): static {} }',
  'never': 'function f(): never {}',
  'an enum': 'enum A { case B; }',
  'a readonly property': 'class A { public readonly int $x; }',
  'throw as an expression': '$x = $y ?? throw new E();',
  'a comma behind the last parameter': 'function f($a,) {}',
  'a comma behind the last variable of a closure': '$f = function () use ($a,) {};',
  'catch without a variable': 'try {} catch (E) {}',
  'a callable made by dots': '$f = strlen(...);',
  '::class of an object': '$o::class;',
  'an object as a default': 'function f($x = new A()) {}',
  'an object as the first value of a static': 'function f() { static $x = new A(); }',
  'the octal prefix': '$x = 0o17;',
  'a typed constant': 'class A { const int X = 1; }',
  'a later function': 'str_contains($a, $b);',
  'an attribute of several lines': '#[A(\n1\n)]\nfunction f() {}',
};

for (const [what, code] of Object.entries(LATER)) {
  test(`${what} is refused, with file and line`, () => {
    const found = faults(`<?php\n${code}`, 'src/A.php');
    assert.equal(found.length, 1, String(found));
    assert.match(found[0], /^src\/A\.php:[2-4]: ./);
  });
}

test('what PHP 7.4 brought is read, and so are attributes of one line, which are comments there', () => {
  const code = `<?php
    $f = fn($x) => $x ** 1_000;
    $a ??= [...$b];
    class A { public ?int $x = 1; const E = [ 'a' => 1 ]; }
    #[DataProvider( 'sources' )]
    function g(?string $a = null): ?array { return [ 'a' => new A(), 'b' => A::class, 'c' => self::class ]; }
    $o->str_contains(1);`;
  assert.deepEqual(faults(code, 'A.php'), []);
});

test('as a program it fails over a faulty file, however deep, and names it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorstep-syntax-'));
  try {
    mkdirSync(join(folder, 'src/Rates'), { recursive: true });
    writeFileSync(join(folder, 'good.php'), '<?php $a = 1;');
    writeFileSync(join(folder, 'src/Rates/Bad.php'), '<?php\n\n$a?->b();');
    const program = fileURLToPath(new URL('../syntax.mjs', import.meta.url));
    const ran = spawnSync(process.execPath, [program, folder], { encoding: 'utf8' });
    assert.match(ran.stdout, /^src\/Rates\/Bad\.php:3: [^\n]+\n$/);
    assert.equal(ran.status, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
