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

declare module 'node:http' {
  export interface Request extends AsyncIterable<string> {
    url?: string;
    headers: Record<string, string | undefined>;
    setEncoding(encoding: string): void;
  }
  export interface Answer {
    writeHead(status: number, headers: Record<string, string>): Answer;
    end(body: unknown): void;
  }
  export interface Server {
    listen(port: number, host: string, done: () => void): void;
    address(): { port: number };
    close(done: (value: unknown) => void): void;
    closeAllConnections(): void;
  }
  export function createServer(take: (request: Request, answer: Answer) => void): Server;
}
