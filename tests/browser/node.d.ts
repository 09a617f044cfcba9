/** The few things of Node that the tests use; the pages themselves know nothing of Node. */

declare module 'node:test' {
  export default function test(name: string, run: () => void | Promise<void>): Promise<void>;
  export default function test(
    name: string,
    options: { skip?: string | boolean; timeout?: number },
    run: () => void | Promise<void>,
  ): Promise<void>;
}

declare module 'node:assert/strict' {
  interface Assert {
    equal(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    ok(value: unknown, message?: string): asserts value;
    rejects(promise: Promise<unknown>, expected: object): Promise<void>;
  }
  const assert: Assert;
  export default assert;
}

declare const process: { env: Record<string, string | undefined> };

declare module 'node:fs' {
  export function existsSync(path: string): boolean;
}

declare module 'node:fs/promises' {
  export function readFile(path: URL): Promise<any>;
}
