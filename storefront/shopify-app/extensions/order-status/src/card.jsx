/** The deliveries of an order in the shop's own look; only elements that both pages have. */

import { etaWords } from '../../tracking-block/assets/words.js';

/** @import { Delivery } from '../../tracking-block/assets/answer.js' */

/**
 * @typedef {object} Wording
 * @property {string} heading
 * @property {(key: string, values?: Record<string, string>) => string} translate
 * @property {string} locale
 * @property {string} timeZone
 * @property {Date} now
 */

/**
 * @param {{ deliveries: Delivery[], wording: Wording, isEditor: boolean }} props isEditor: a merchant places this,
 *   and has no order to show
 */
export function Card({ deliveries, wording, isEditor }) {
  if (deliveries.length === 0) {
    // Not every order is delivered by Doorstep, so nothing is promised before one is known.
    return isEditor ? <Framed wording={wording}>{wording.translate('preview')}</Framed> : null;
  }
  return (
    <s-section heading={headingOf(wording)}>
      <s-stack gap="base" accessibilityRole="status">
        {deliveries.map((delivery, index) => (
          <Part key={index} delivery={delivery} wording={wording} />
        ))}
      </s-stack>
    </s-section>
  );
}

/** @param {{ wording: Wording, children: string }} props */
function Framed({ wording, children }) {
  return (
    <s-section heading={headingOf(wording)}>
      <s-text color="subdued">{children}</s-text>
    </s-section>
  );
}

/** @param {{ delivery: Delivery, wording: Wording }} props */
function Part({ delivery: { text, eta, link }, wording }) {
  return (
    <s-stack gap="small-200">
      <s-text type="strong">{text}</s-text>
      {eta && <s-text color="subdued">{wording.translate('expected', { when: etaWords(eta, wording) })}</s-text>}
      {link && (
        <s-link href={link} target="_blank">
          {wording.translate('follow')}
        </s-link>
      )}
    </s-stack>
  );
}

/** @param {Wording} wording */
function headingOf({ heading, translate }) {
  return heading.trim() || translate('heading');
}
