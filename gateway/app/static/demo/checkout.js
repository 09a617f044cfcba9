/** Panel 1: a cart, an address, and the element that any storefront would include. */

import { element, fill, find } from '../dom.js';
import { cartItems, cartRows, drawCart } from './cart.js';
import { placeOrder } from './desk.js';

/** @import { DemoConfig } from './desk.js' */
/** @import { DeliveryOptions } from '../shopper/options.js' */

const LOCALE = 'en';

export class Checkout {
  #panel = find(document, '#checkout');
  #options = /** @type {DeliveryOptions} */ (find(this.#panel, 'doorstep-delivery-options'));
  #address = /** @type {HTMLSelectElement} */ (find(this.#panel, '#address'));
  #place = /** @type {HTMLButtonElement} */ (find(this.#panel, '#place'));
  /** @type {import('./cart.js').Line[]} */
  #cart = [];
  /** @type {string | null} */
  #reference = null;
  #config;
  #tell;

  /**
   * @param {DemoConfig} config
   * @param {object} tell
   * @param {(number: string) => void} tell.onPlaced
   * @param {(message: string) => void} tell.onTrouble
   */
  constructor(config, tell) {
    this.#config = config;
    this.#tell = tell;
    const doors = config.addresses.map(({ label }, index) => element('option', { value: String(index) }, label));
    fill(this.#address, ...doors);
    this.#address.addEventListener('change', () => this.#ask());
    find(this.#panel, '#another').addEventListener('click', () => this.#begin());
    this.#place.addEventListener('click', () => this.#order());
    this.#options.addEventListener('doorstep-choice', (event) => {
      this.#reference = /** @type {CustomEvent<{ reference: string | null }>} */ (event).detail.reference;
      this.#place.disabled = !this.#reference;
    });
    this.#begin();
  }

  #begin() {
    this.#cart = drawCart(this.#config.products);
    fill(find(this.#panel, '.cart'), ...cartRows(this.#cart, LOCALE));
    this.#options.setAttribute('cart-id', `demo-${Date.now().toString(36)}`);
    this.#ask();
  }

  #ask() {
    const to = this.#config.addresses[this.#address.selectedIndex];
    const attributes = {
      'publishable-key': this.#config.publishable_key,
      country: to.country,
      'postal-code': to.postal_code,
      city: to.city,
      province: to.province,
      address1: to.address1,
      phone: to.phone,
      items: JSON.stringify(cartItems(this.#cart)),
    };
    Object.entries(attributes).forEach(([name, value]) => this.#options.setAttribute(name, value));
  }

  async #order() {
    this.#place.disabled = true;
    try {
      const order = {
        reference: this.#reference ?? undefined,
        address_index: this.#address.selectedIndex,
        items: cartItems(this.#cart),
      };
      this.#tell.onPlaced((await placeOrder(order)).number);
      this.#begin();
    } catch (failure) {
      this.#tell.onTrouble(/** @type {Error} */ (failure).message);
      this.#place.disabled = !this.#reference;
    }
  }
}
