/** What the attributes of the element ask for. Pure. */

/**
 * Variables of the options query. Attributes that are missing or empty are left out: the gateway takes any
 * beginning of an address.
 *
 * @param {{ getAttribute: (name: string) => string | null }} element
 * @throws {SyntaxError} if `items` is not JSON
 */
export function questionOf(element) {
  const attribute = (/** @type {string} */ name) => element.getAttribute(name) || undefined;
  const items = attribute('items');
  return {
    destination: {
      countryCode: attribute('country'),
      postalCode: attribute('postal-code'),
      city: attribute('city'),
      address1: attribute('address1'),
      provinceCode: attribute('province'),
      phone: attribute('phone'),
    },
    items: items ? JSON.parse(items) : undefined,
    cart: { cartId: attribute('cart-id'), storeId: attribute('store-id') },
  };
}
