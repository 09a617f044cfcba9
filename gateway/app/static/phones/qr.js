/**
 * A QR code (ISO/IEC 18004): bytes, error correction M, versions 1 to 9. Pure.
 *
 * Always mask 0: what stands in our links is random, and needs no choice among masks to look so.
 */

/** By version: codewords of error correction in a block, and blocks, at level M. */
const CORRECTION = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22];
const BLOCKS = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5];
const FORMAT = 0x5412;

/** @typedef {{ size: number, dark: boolean[], fixed: boolean[] }} Grid row by row; fixed ones carry no data */

/**
 * @param {string} text
 * @returns {boolean[][] | null} rows from the top, true for dark; null where the text is too long
 */
export function qrCode(text) {
  const bytes = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex((_, each) => each > 0 && bytes.length + 2 <= dataWords(each));
  if (version < 0) {
    return null;
  }
  const grid = patterns(version);
  fillIn(grid, interleaved(version, words(version, bytes)));
  return Array.from({ length: grid.size }, (_, y) => grid.dark.slice(y * grid.size, (y + 1) * grid.size));
}

/** @param {number} version bits that carry data or its correction */
function rawBits(version) {
  const corners = version === 1 ? 0 : alignments(version).length;
  const aligned = corners ? (25 * corners - 10) * corners - 55 : 0;
  return (16 * version + 128) * version + 64 - aligned - (version >= 7 ? 36 : 0);
}

/** @param {number} version */
function dataWords(version) {
  return (rawBits(version) >> 3) - CORRECTION[version] * BLOCKS[version];
}

/** @param {number} version middles of the small squares, across and down */
function alignments(version) {
  const last = 4 * version + 10;
  return version === 1 ? [] : version < 7 ? [6, last] : [6, 2 * version + 8, last];
}

/**
 * Mode, length, text and padding, as bytes.
 *
 * @param {number} version
 * @param {Uint8Array} bytes
 */
function words(version, bytes) {
  const all = new Uint8Array(dataWords(version));
  const nibbles = [4, bytes.length >> 4, bytes.length & 15, ...[...bytes].flatMap((byte) => [byte >> 4, byte & 15])];
  nibbles.forEach((nibble, at) => {
    all[at >> 1] |= at % 2 ? nibble : nibble << 4;
  });
  for (let at = bytes.length + 2; at < all.length; at += 1) {
    all[at] = (at - bytes.length) % 2 ? 0x11 : 0xec;
  }
  return all;
}

/**
 * Blocks with their correction, a word of each in turn.
 *
 * @param {number} version
 * @param {Uint8Array} data
 */
function interleaved(version, data) {
  const [count, correction] = [BLOCKS[version], CORRECTION[version]];
  const total = rawBits(version) >> 3;
  const short = Math.floor(total / count) - correction;
  const shortOnes = count - (total % count);
  /** @type {Uint8Array[]} */
  const blocks = [];
  for (let start = 0; start < data.length; ) {
    const length = short + (blocks.length < shortOnes ? 0 : 1);
    blocks.push(data.subarray(start, start + length));
    start += length;
  }
  const checks = blocks.map((block) => remainder(block, correction));
  const turns = (/** @type {Uint8Array[]} */ rows) =>
    Array.from({ length: Math.max(...rows.map((row) => row.length)) }, (_, at) => rows.filter((row) => at < row.length).map((row) => row[at]));
  return [...turns(blocks), ...turns(checks)].flat();
}

/**
 * Reed-Solomon over GF(256) with 0x11d.
 *
 * @param {Uint8Array} data
 * @param {number} degree
 */
function remainder(data, degree) {
  let divisor = [1];
  for (let root = 1, step = 0; step < degree; step += 1, root = times(root, 2)) {
    const [raised, scaled] = [[...divisor, 0], [0, ...divisor.map((each) => times(each, root))]];
    divisor = raised.map((each, at) => each ^ scaled[at]);
  }
  const rest = new Uint8Array(degree);
  for (const byte of data) {
    const factor = byte ^ rest[0];
    rest.copyWithin(0, 1);
    rest[degree - 1] = 0;
    rest.forEach((_, at) => {
      rest[at] ^= times(divisor[at + 1], factor);
    });
  }
  return rest;
}

/** @param {number} one @param {number} other */
function times(one, other) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d) ^ (((other >> bit) & 1) * one);
  }
  return product;
}

/**
 * All that is the same in every code of a version.
 *
 * @param {number} version
 * @returns {Grid}
 */
function patterns(version) {
  const size = 4 * version + 17;
  const grid = { size, dark: new Array(size * size).fill(false), fixed: new Array(size * size).fill(false) };
  const set = (/** @type {number} */ x, /** @type {number} */ y, /** @type {boolean} */ isDark) => {
    if (x >= 0 && y >= 0 && x < size && y < size) {
      grid.dark[y * size + x] = isDark;
      grid.fixed[y * size + x] = true;
    }
  };
  const square = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ reach) => {
    for (let at = 0; at < (2 * reach + 1) ** 2; at += 1) {
      const [across, down] = [(at % (2 * reach + 1)) - reach, Math.floor(at / (2 * reach + 1)) - reach];
      const ring = Math.max(Math.abs(across), Math.abs(down));
      set(x + across, y + down, ring !== 4 && ring !== (reach === 4 ? 2 : 1));
    }
  };
  for (let at = 0; at < size; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  const middles = alignments(version);
  const last = middles.length - 1;
  const isCorner = (/** @type {number} */ x, /** @type {number} */ y) => (x === 0 && y === 0) || (x === 0 && y === last) || (x === last && y === 0);
  middles.forEach((y, row) => middles.forEach((x, column) => isCorner(column, row) || square(x, y, 2)));
  [[3, 3], [size - 4, 3], [3, size - 4]].forEach(([x, y]) => square(x, y, 4));
  for (let at = 0; at < 15; at += 1) {
    const isDark = ((FORMAT >> at) & 1) === 1;
    set(at < 8 ? 8 : at === 8 ? 7 : 14 - at, at < 6 ? at : at < 8 ? at + 1 : 8, isDark);
    set(at < 8 ? size - 1 - at : 8, at < 8 ? 8 : size - 15 + at, isDark);
  }
  set(8, size - 8, true);
  if (version >= 7) {
    let check = version;
    for (let step = 0; step < 12; step += 1) {
      check = (check << 1) ^ ((check >> 11) * 0x1f25);
    }
    for (let at = 0; at < 18; at += 1) {
      const isDark = ((((version << 12) | check) >> at) & 1) === 1;
      const [far, near] = [size - 11 + (at % 3), Math.floor(at / 3)];
      set(far, near, isDark);
      set(near, far, isDark);
    }
  }
  return grid;
}

/**
 * Up and down in columns of two, from the right; masked.
 *
 * @param {Grid} grid
 * @param {readonly number[]} codewords
 */
function fillIn({ size, dark, fixed }, codewords) {
  let bit = 0;
  for (let right = size - 1; right >= 1; right -= right === 8 ? 3 : 2) {
    const isUp = ((right + 1) & 2) === 0;
    for (let step = 0; step < size * 2; step += 1) {
      const x = right - (step % 2);
      const y = isUp ? size - 1 - (step >> 1) : step >> 1;
      if (!fixed[y * size + x]) {
        const isSet = bit < codewords.length * 8 && ((codewords[bit >> 3] >> (7 - (bit & 7))) & 1) === 1;
        dark[y * size + x] = isSet !== ((x + y) % 2 === 0);
        bit += 1;
      }
    }
  }
}
