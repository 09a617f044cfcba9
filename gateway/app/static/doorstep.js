/**
 * What a storefront includes:
 *
 *   <script type="module" src="https://GATEWAY/static/doorstep.js"></script>
 *   <doorstep-delivery-options gateway="https://GATEWAY" publishable-key="pk_…" country="US" …>
 *   <doorstep-tracking gateway="https://GATEWAY" token="…">
 */

import { DeliveryOptions } from './shopper/options.js';
import { DeliveryTracking } from './shopper/tracking.js';

/** A page may include this twice. */
const ELEMENTS = /** @type {const} */ ([
  ['doorstep-delivery-options', DeliveryOptions],
  ['doorstep-tracking', DeliveryTracking],
]);
for (const [name, kind] of ELEMENTS) {
  if (!customElements.get(name)) {
    customElements.define(name, kind);
  }
}
