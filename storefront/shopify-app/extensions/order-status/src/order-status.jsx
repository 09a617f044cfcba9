/** On the order status page, for everybody who has its link. */

import '@shopify/ui-extensions/preact';
import { render } from 'preact';

import { Card } from './card.jsx';
import { orderOf } from './question.js';
import { useTracking } from './tracking.js';

/** @import { Api } from '@shopify/ui-extensions/customer-account.order-status.block.render' */

export default function start() {
  const page = /** @type {{ shopify: Api }} */ (/** @type {unknown} */ (globalThis)).shopify;
  render(<Tracking page={page} />, document.body);
}

/** @param {{ page: Api }} props */
function Tracking({ page }) {
  const order = page.order.value;
  const tracked = orderOf(order?.id, order?.confirmationNumber);
  const deliveries = useTracking(page, tracked);
  const wording = {
    heading: String(page.settings.value.heading ?? ''),
    translate: page.i18n.translate,
    locale: page.localization.extensionLanguage.value.isoCode,
    timeZone: page.localization.timezone.value,
    now: new Date(),
  };
  return <Card deliveries={deliveries} wording={wording} isEditor={Boolean(page.extension.editor)} />;
}
