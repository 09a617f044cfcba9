/**
 * A visitor's way through the demo, against a running one.
 *
 * DOORSTEP_DEMO_URL  address of the demo's page, http://127.0.0.1:PORT/demo
 * DOORSTEP_DEMO_SHOT where to write a picture of the page at the end, if anywhere
 */

import assert from 'node:assert/strict';
import test from 'node:test';

import { startBrowser } from './browser.mjs';

const address = process.env.DOORSTEP_DEMO_URL;
const picture = process.env.DOORSTEP_DEMO_SHOT;
const PATIENCE_MS = 90_000;

/** Farther than a parked van's position trembles. */
const DRIVE_METERS = 150;

const skip = address ? false : 'DOORSTEP_DEMO_URL names no running demo';

const options = { skip, timeout: 5 * PATIENCE_MS };

test('a visitor chooses a delivery, orders, follows the order, and sees a van drive', options, async () => {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(PATIENCE_MS);
    /** @type {string[]} */
    const faults = [];
    page.on('pageerror', (fault) => faults.push(fault.message));
    page.on('console', (message) => {
      // What the content security policy blocks is told nowhere else.
      if (message.text().includes('Content Security Policy')) {
        faults.push(message.text());
      }
    });
    await page.goto(/** @type {string} */ (address));

    await page.locator('doorstep-delivery-options[data-state="ready"] .option').first().click();
    await page.locator('doorstep-delivery-options[data-state="chosen"]').waitFor();
    await page.locator('#place').click();
    await page.locator('#toast', { hasText: 'is placed' }).waitFor();

    await page.locator('doorstep-operator tbody tr').first().waitFor();
    await page.locator('doorstep-tracking[data-stage]').waitFor();
    await page.locator('[data-rate="60"]').click();
    await page.locator('[data-rate="60"][aria-pressed="true"]').waitFor();
    const map = page.locator('doorstep-operator .map');
    await map.evaluate(driveOf, DRIVE_METERS);
    const place = await map.getAttribute('data-last-position');
    assert.ok(/^-?[\d.]+,-?[\d.]+$/.test(place ?? ''), `a latitude and a longitude, not ${place}`);

    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], 'the page is no wider than its window');
    if (picture) {
      await page.screenshot({ path: picture });
    }
    const key = await page.evaluate(async () => (await (await fetch('/demo/config.json')).json()).secret_key);
    await page.goto(new URL(`/desk#key=${key}`, address).href);
    await page.locator('#count', { hasText: 'exception' }).waitFor();
    assert.equal(await page.locator('#person').textContent(), 'Robin Dispatcher');
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
  }
});

/**
 * Runs in the page: ends once some van or courier has come this far.
 *
 * @param {Element} map
 * @param {number} meters
 * @returns {Promise<void>}
 */
function driveOf(map, meters) {
  return new Promise((resolve) => {
    const look = () => {
      if (Number(map.getAttribute('data-farthest-meters')) >= meters) {
        watcher.disconnect();
        resolve();
      }
    };
    const watcher = new MutationObserver(look);
    watcher.observe(map, { attributes: true });
    look();
  });
}
