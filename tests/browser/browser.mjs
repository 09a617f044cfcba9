/** Starts the Chromium of the machine: CHROMIUM names it, else the usual places are tried. */

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const USUAL = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Nothing but the page itself may use the network or the graphics card. */
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

export function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? USUAL.find((path) => existsSync(path));
  if (!executablePath) {
    throw new Error('No Chromium was found; name one in CHROMIUM.');
  }
  return chromium.launch({ executablePath, headless: true, args: ARGUMENTS });
}
