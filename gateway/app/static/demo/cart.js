/** The cart that the demo's visitor happens to have. */

import { element } from '../dom.js';
import { priceWords } from '../format.js';

/** @import { Product } from './desk.js' */

/** @typedef {{ product: Product, quantity: number }} Line */

const LINES = 2;
const MOST_PIECES = 2;

/**
 * Different goods, taken by chance.
 *
 * @param {readonly Product[]} products
 * @returns {Line[]}
 */
export function drawCart(products) {
  const left = [...products];
  return Array.from({ length: Math.min(LINES, left.length) }, () => {
    const [product] = left.splice(Math.floor(Math.random() * left.length), 1);
    return { product, quantity: 1 + Math.floor(Math.random() * MOST_PIECES) };
  });
}

/**
 * The cart in the words of the API's CartItemInput.
 *
 * @param {readonly Line[]} cart
 */
export function cartItems(cart) {
  return cart.map(({ product, quantity }) => ({
    sku: product.sku,
    quantity,
    unitPrice: product.price,
    weightGrams: product.weight_g,
  }));
}

/**
 * @param {readonly Line[]} cart
 * @param {string} locale
 */
export function cartRows(cart, locale) {
  return cart.map(({ product: { title, price }, quantity }) =>
    element(
      'li',
      {},
      element('span', {}, quantity > 1 ? `${quantity} × ${title}` : title),
      element('span', {}, priceWords(times(price, quantity), locale)),
    ),
  );
}

/**
 * @param {{ amount: string, currencyCode: string }} price
 * @param {number} quantity
 */
function times({ amount, currencyCode }, quantity) {
  const digits = amount.split('.')[1]?.length ?? 0;
  return { currencyCode, amount: (Number(amount) * quantity).toFixed(digits) };
}
