/** Keeps what is known of an order's deliveries while its page is open. */

import { useEffect, useState } from 'preact/hooks';

import { GATEWAY } from '../../tracking-block/assets/gateway.js';
import { askOverHttp, watch } from '../../tracking-block/assets/watch.js';
import { addressOf, headersOf } from './question.js';

/** @import { Delivery } from '../../tracking-block/assets/answer.js' */
/** @import { OrderOfPage } from './question.js' */

/**
 * What both pages offer. Tokens last for five minutes, so each question asks for one.
 *
 * @typedef {object} Page
 * @property {{ get(): Promise<string> }} sessionToken
 * @property {{ extensionLanguage: { value: { isoCode: string } } }} localization
 */

/**
 * @param {Page} page
 * @param {OrderOfPage | null} order
 * @returns {Delivery[]}
 */
export function useTracking(page, order) {
  const [deliveries, setDeliveries] = useState(/** @type {Delivery[]} */ ([]));
  const { id = '', confirmation = '' } = order ?? {};
  useEffect(() => {
    if (!id) {
      return;
    }
    const watching = new AbortController();
    const language = page.localization.extensionLanguage.value.isoCode;
    const address = addressOf(GATEWAY, { id, confirmation });
    watch({
      ask: async () => {
        const token = await page.sessionToken.get();
        return askOverHttp(address, { headers: headersOf(token, language) });
      },
      show: setDeliveries,
      signal: watching.signal,
    });
    return () => watching.abort();
  }, [page, id, confirmation]);
  return deliveries;
}
