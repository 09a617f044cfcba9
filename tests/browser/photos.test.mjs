import assert from 'node:assert/strict';
import test from 'node:test';
import { putUp } from '../../gateway/app/static/photos.js';

const photo = () => new File(['as a telephone made it'], 'IMG_1.jpg', { type: 'image/jpeg' });

/** @param {(url: string, init: any) => number} answer status of a PUT @param {(client: any, asked: any[]) => Promise<void>} act */
async function withGateway(answer, act) {
  /** @type {any[]} */
  const asked = [];
  const headers = [{ name: 'Content-Type', value: 'image/jpeg' }];
  const client = {
    /** @param {string} _ @param {any} variables */
    async send(_, { input }) {
      asked.push(input);
      return { createUpload: { upload: { uploadId: `upl_${asked.length}`, url: 'https://gw.test/uploads/t', headers } } };
    },
  };
  const real = globalThis.fetch;
  globalThis.fetch = /** @type {any} */ (async (/** @type {string} */ url, /** @type {any} */ init) => new Response(null, { status: answer(url, init) }));
  try {
    await act(client, asked);
  } finally {
    globalThis.fetch = real;
  }
}

test('a photo is announced as it is, put where the gateway says, and not put twice', async () => {
  /** @type {any[]} */
  const puts = [];
  await withGateway((url, init) => puts.push([url, init]) && 204, async (client, asked) => {
    const mine = photo();
    assert.deepEqual(await putUp(client, [mine]), ['upl_1']);
    const sha256 = 'b29bdad91330df264999f7e3e2d0349dae6c6d6539f798d5837e59943f6ee65d';
    assert.deepEqual(asked, [{ purpose: 'PHOTO', contentType: 'image/jpeg', sizeBytes: mine.size, sha256 }]);
    const [[url, { method, headers, body }]] = puts;
    assert.deepEqual([url, method, headers, body], ['https://gw.test/uploads/t', 'PUT', [['Content-Type', 'image/jpeg']], mine]);
    assert.deepEqual(await putUp(client, [mine, photo()]), ['upl_1', 'upl_2'], 'a message that is sent again takes what is there');
  });
});

test('what is refused is said in words, and nothing is asked for what cannot be taken', async () => {
  await withGateway(() => 422, async (client, asked) => {
    await assert.rejects(putUp(client, [photo()]), { message: 'This photo cannot be read.' });
    await assert.rejects(putUp(client, [new File(['%PDF'], 'a.pdf', { type: 'application/pdf' })]), /JPEG, PNG or WebP/);
    await assert.rejects(putUp(client, Array.from({ length: 6 }, photo)), /5 photos at most/);
    assert.equal(asked.length, 1);
  });
});
