/** Photos of a thread: put where the gateway says, and shown small. */

import { element } from './dom.js';
import { RequestFailed } from './graphql.js';
import { CREATE_UPLOAD } from './photos/documents.js';

/** @typedef {{ send(document: string, variables?: Record<string, unknown>): Promise<any> }} Client */

const TYPES = ['image/jpeg', 'image/png', 'image/webp'];
const LARGEST = 8 * 1024 * 1024;
const MOST = 5;
const HEIGHT = 96;

/** What is there already is not put there again when a message is sent once more. @type {WeakMap<File, string>} */
const put = new WeakMap();

/** Lets a person choose photos, or take one. */
export function photoInput() {
  return element('input', { type: 'file', name: 'photos', accept: TYPES.join(','), multiple: true });
}

/**
 * Put photos up and give the ids by which a message takes them along.
 *
 * @param {Client} client
 * @param {readonly File[]} photos
 * @returns {Promise<string[]>}
 * @throws {RequestFailed} with words for a person
 */
export async function putUp(client, photos) {
  if (photos.length > MOST) {
    throw refused(`A message takes ${MOST} photos at most.`);
  }
  const ids = [];
  for (const photo of photos) {
    const id = put.get(photo) ?? (await putOne(client, photo));
    put.set(photo, id);
    ids.push(id);
  }
  return ids;
}

/** @param {readonly string[]} urls signed addresses of a message's photos */
export function photosOf(urls) {
  return urls.map((url) =>
    element(
      'a',
      { class: 'photo', href: url, target: '_blank', rel: 'noopener noreferrer' },
      element('img', { src: url, alt: 'Photo', height: HEIGHT, loading: 'lazy' }),
    ),
  );
}

/**
 * @param {Client} client
 * @param {File} photo
 */
async function putOne(client, photo) {
  if (!TYPES.includes(photo.type) || photo.size > LARGEST) {
    throw refused('Photos are JPEG, PNG or WebP, and 8 MB at most.');
  }
  const input = { purpose: 'PHOTO', contentType: photo.type, sizeBytes: photo.size, sha256: await digestOf(photo) };
  const { createUpload } = await client.send(CREATE_UPLOAD, { input });
  if (!createUpload.upload) {
    throw refused(createUpload.message);
  }
  const { uploadId, url, headers } = createUpload.upload;
  const named = headers.map((/** @type {{ name: string, value: string }} */ { name, value }) => [name, value]);
  const answer = await fetch(url, { method: 'PUT', headers: named, body: photo }).catch(() => null);
  if (!answer?.ok) {
    throw refused(answer?.status === 422 ? 'This photo cannot be read.' : 'The photo did not get through; try again.');
  }
  return uploadId;
}

/** @param {File} photo */
async function digestOf(photo) {
  if (!globalThis.crypto.subtle) {
    throw refused('Photos are sent from pages over https alone.');
  }
  const digest = await crypto.subtle.digest('SHA-256', await photo.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} words */
function refused(words) {
  return new RequestFailed(words, 'PHOTO', false);
}
