import assert from 'node:assert/strict';
import test from 'node:test';

import { askedIn } from '../../gateway/app/static/drive/alerts.js';
import { Kept } from '../../gateway/app/static/drive/kept.js';
import { Outbox } from '../../gateway/app/static/drive/outbox.js';
import { mapAddress } from '../../gateway/app/static/drive/places.js';
import { Sharing } from '../../gateway/app/static/drive/sharing.js';
import { movedIds, Tours } from '../../gateway/app/static/drive/tours.js';
import { qrCode } from '../../gateway/app/static/phones/qr.js';
import { startBrowser } from './browser.mjs';
import { DriveGateway, message, stop, TOKEN, told, tour } from './drive-gateway.mjs';

/** DOORSTEP_DRIVE_SHOT: where to write a picture of the page, if anywhere. */
const picture = process.env.DOORSTEP_DRIVE_SHOT;
const WORDING = { locale: 'en-US', timeZone: 'UTC', now: new Date('2026-11-23T09:00:00Z') };

/** A row each, as a number; a reader of others has read it. */
const CODE_OF_DOORSTEP = [
  '1fc87f', '105041', '17405d', '174c5d', '175b5d', '104e41', '1fd57f', '400', '154912', '63697', '10ce7b',
  '1f9382', '1bf673', '1c76', '1fc93b', '104062', '175178', '17469a', '175ef1', '104b92', '1fdedb',
];

/** @returns {any} as much of a browser's store as is used */
function store() {
  const kept = new Map();
  return {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
    removeItem: (/** @type {string} */ key) => kept.delete(key),
  };
}

test('the fewest stops are said to have moved', () => {
  assert.deepEqual([...movedIds(['a', 'b', 'c', 'd'], ['a', 'c', 'd', 'b'])], ['b']);
  assert.deepEqual([...movedIds(['a', 'b', 'c'], ['a', 'b', 'c'])], []);
  assert.deepEqual([...movedIds([], [])], []);
});

test('a driver is told what is other than it was, also what changed while nobody listened', () => {
  const tours = new Tours([tour()]);
  const [one, two, three] = tour().stops;
  const fresh = { ...stop(4, 'Dana Fresh'), sequence: 1 };
  const stops = [fresh, { ...three, sequence: 2, windows: [{ start: '2026-11-23T11:00:00Z', end: '2026-11-23T12:00:00Z' }] }, { ...one, sequence: 3 }];
  assert.deepEqual(tours.take(told('SNAPSHOT', tour({ version: 2, stops })), WORDING), [
    `Stop 2 is gone: ${two.address?.name}.`,
    'New stop 1: Dana Fresh.',
    'Stop 2, Cleo Hill: 11:00 AM – 12:00 PM now.',
    'Stop 1 was moved: Ann Arbor is stop 3 now.',
  ]);
  const said = tours.take(told('CHANGE', tour({ version: 1 })), WORDING);
  assert.deepEqual(said, [], 'what was said before is older');
  assert.equal(tours.all[0].version, 2);
});

test('a tour that somebody else drives now is gone, one that was driven is only over', () => {
  const tours = new Tours([tour(), tour({ id: 'rte_2', stops: [stop(9, 'Ed Done', { status: 'DONE' })] })]);
  assert.deepEqual(tours.take(told('CHECKPOINT', null), WORDING), ['The tour from 8:00 AM is not yours any more.']);
  assert.deepEqual(tours.all, []);
  assert.deepEqual(tours.take(told('CHANGE', tour({ id: 'rte_3' })), WORDING), ['New tour: 3 stops from 8:00 AM.']);
  const mine = { ...told('CHANGE', null), routeId: 'rte_3', leftFilter: true };
  assert.deepEqual(tours.take(mine, WORDING), ['The tour from 8:00 AM is not yours any more.']);
});

test('the tour that is driven comes first, one that is over last', () => {
  const [over, next, now] = ['FINISHED', 'PUBLISHED', 'STARTED'].map((status, at) => tour({ id: status, status, startsAt: `2026-11-23T0${at}:00:00Z` }));
  assert.deepEqual(new Tours([over, next, now]).all.map(({ id }) => id), ['STARTED', 'PUBLISHED', 'FINISHED']);
});

test('a question of the desk stands until the driver writes', () => {
  const asked = message('DESK', 'Are you well?', 'DRIVER');
  assert.equal(askedIn([message('SHOPPER', 'Hello'), asked]), asked);
  assert.equal(askedIn([message('DRIVER', 'I am fine', 'DESK'), asked]), null);
  assert.equal(askedIn([message('DESK', 'For all of you')]), null);
});

test('places open in the map of the phone', () => {
  const place = { latitude: 40.7, longitude: -74 };
  assert.equal(mapAddress(place, 'Linux; Android 16'), 'geo:40.7,-74?q=40.7,-74');
  assert.equal(mapAddress(place, 'iPhone'), 'https://maps.apple.com/?daddr=40.7,-74');
});

test('fixes wait for a connection, the oldest make room, and those of meanwhile are not lost', async () => {
  const outbox = new Outbox(store(), 3);
  /** @type {any} */
  let take = null;
  const geolocation = /** @type {any} */ ({ watchPosition: (/** @type {any} */ each) => ((take = each), 1), clearWatch: () => {} });
  /** @type {any[]} */
  const [sent, timers] = [[], []];
  /** @type {any} */
  let answer = 'later';
  const sharing = new Sharing({
    outbox, geolocation, onState: () => {}, onOver: () => sent.push('over'), never: () => {},
    send: async (fixes) => {
      sent.push(fixes.map(({ recorded_at }) => recorded_at));
      return answer;
    },
    later: (run) => timers.push(run),
  });
  const drive = (/** @type {number} */ second, north = 0) =>
    take({ coords: { latitude: 40 + north, longitude: -74, speed: null, heading: NaN, accuracy: 5 }, timestamp: second * 1000 });
  const settled = () => new Promise((resolve) => setTimeout(resolve));

  sharing.start();
  drive(10);
  drive(11);
  await settled();
  assert.deepEqual(sent, [[10]], 'the first goes at once; a second later the van is where it was');
  drive(12, 0.001);
  drive(20);
  drive(30);
  assert.equal(outbox.size, 3);
  answer = 'taken';
  timers.shift()();
  drive(40);
  await settled();
  assert.deepEqual(sent[1], [12, 20, 30]);
  assert.deepEqual(outbox.head(9).map(({ recorded_at }) => recorded_at), [40]);
  answer = 'over';
  sharing.hurry();
  await settled();
  assert.equal(sent.at(-1), 'over');
});

test('what is kept of a session that is over is wiped before anybody reads it', () => {
  const there = store();
  const state = { token: TOKEN, expiresAt: '2026-11-23T10:00:30Z', skewMs: 30_000, me: null, tours: [tour()], news: [], asOf: null, shares: true };
  new Kept(there).write(state);
  assert.deepEqual(new Kept(there).read(Date.parse('2026-11-23T09:59:59Z')), state);
  assert.equal(new Kept(there).read(Date.parse('2026-11-23T10:00:00Z')), null, 'by the clock of the server');
  assert.equal(there.getItem(Kept.KEY), null);
});

test('a camera reads the link', () => {
  assert.deepEqual(qrCode('Doorstep')?.map((row) => Number.parseInt(row.map(Number).join(''), 2).toString(16)), CODE_OF_DOORSTEP);
  // 96 bytes need version 6 at level M: 41 squares a side.
  assert.equal(qrCode(`https://gateway.shop.example/drive#token=${TOKEN}`)?.length, 41);
  assert.equal(qrCode('x'.repeat(181)), null);
});

test('a driver drives a day by phone: asked, told of changes, heard, without a network, signed out', { timeout: 60_000 }, async () => {
  const gateway = new DriveGateway();
  const home = await gateway.start();
  const browser = await startBrowser();
  try {
    const context = await browser.newContext({
      viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, locale: 'en-US', timezoneId: 'UTC',
      permissions: ['geolocation'], geolocation: { latitude: 40.73, longitude: -73.98, accuracy: 5 },
    });
    context.setDefaultTimeout(15_000);
    /** @type {string[]} */
    const faults = [];
    context.on('weberror', (fault) => faults.push(fault.error().message));
    context.on('console', (said) => said.text().includes('Content Security Policy') && faults.push(said.text()));

    // The desk makes the link, as words and for the phone's camera.
    const desk = await context.newPage();
    await desk.goto(`${home}/static/desk.html#key=sk_live_test`);
    await desk.locator('#phones').click();
    await desk.getByRole('button', { name: 'Link for Robin’s phone' }).click();
    await desk.getByRole('img', { name: 'QR code of the link' }).waitFor();
    const link = await desk.locator('#phones-link input').inputValue();
    await desk.getByRole('button', { name: 'Close' }).click();
    // It is shown once.
    await desk.waitForFunction(() => document.querySelector('#phones-link')?.textContent === '');
    await desk.close();

    const page = await context.newPage();
    await gateway.listen(page);
    await page.goto(link);
    await page.locator('.stop').nth(2).waitFor();
    assert.ok(!page.url().includes('dk_live'), 'the token is out of the address');
    assert.equal(await page.locator('#driver').textContent(), 'Robin · Van 2');
    assert.deepEqual(await page.locator('.stop .where').allTextContents(), ['Ann Arbor', 'Bo Brook', 'Cleo Hill']);
    const first = page.locator('.stop').first();
    assert.equal(await first.getAttribute('open'), '', 'the next stop is open');
    const said = (await first.textContent()) ?? '';
    assert.ok(/Between 9:00 – 11:00 AM.*Ask for the PIN.*#1001/.test(said), said);
    const map = (await first.locator('[data-act="map"]').getAttribute('href')) ?? '';
    assert.ok(map.includes('mlat=40.731&mlon=-73.981'), map);
    assert.equal(await first.locator('[data-act="call"]').getAttribute('href'), 'tel:+12025550101');

    // The desk asks: large, above everything, until it is answered, and the customer does not read it.
    gateway.write('thr_2', message('DESK', 'You have not moved for a while. Are you well?', 'DRIVER'));
    const ping = page.locator('#alerts .ping');
    await ping.waitFor();
    const asked = (await ping.textContent()) ?? '';
    assert.ok(/stop 2, Bo Brook.*Are you well\?/.test(asked), asked);
    await gateway.reload(page);
    await ping.waitFor();
    gateway.change(tour({ version: 2, stops: gateway.moved() }));
    await page.locator('#alerts .news li', { hasText: 'Stop 2 was moved: Bo Brook is stop 3 now.' }).waitFor();
    if (picture) {
      await page.screenshot({ path: picture, fullPage: true });
    }
    gateway.refusal = 'Wait a little.';
    await ping.getByRole('button', { name: 'I am fine' }).click();
    await ping.locator('.refusal', { hasText: 'Wait a little.' }).waitFor();
    gateway.refusal = '';
    await ping.getByRole('button', { name: 'I am fine' }).click();
    await ping.waitFor({ state: 'detached' });
    const { threadId, body, to, needsHelp } = gateway.said.at(-1);
    assert.deepEqual([threadId, body, to, needsHelp], ['thr_2', 'I am fine', 'DESK', false]);
    gateway.write('thr_2', message('DESK', 'Really?', 'DRIVER'));
    await ping.getByRole('button', { name: 'I need help' }).click();
    await ping.waitFor({ state: 'detached' });
    assert.deepEqual([gateway.said.at(-1).body, gateway.said.at(-1).needsHelp], ['I need help', true]);

    // What is asked at a door that is another driver's now cannot be answered here any more.
    const whole = tour({ version: 3, stops: gateway.stops });
    gateway.write('thr_3', message('DESK', 'Is it cold enough?', 'DRIVER'));
    await ping.waitFor();
    gateway.change({ ...whole, stops: whole.stops.filter((/** @type {any} */ { id }) => id !== 'stp_3') });
    await ping.waitFor({ state: 'detached' });
    gateway.change({ ...whole, version: 4 });
    await page.locator('.stop').nth(2).waitFor();

    // Changes stay until the driver has noted them, over a reload as well.
    await gateway.reload(page);
    await page.locator('#alerts .news').getByRole('button', { name: 'Got it' }).click();
    await page.locator('#alerts .news').waitFor({ state: 'detached' });

    // Messages.
    gateway.write('thr_1', message('SHOPPER', 'The bell is broken, please knock.'));
    await first.locator('button', { hasText: 'Messages (1)' }).click();
    await page.locator('#talk li', { hasText: 'please knock' }).waitFor();
    await first.locator('button', { hasText: /^Messages$/ }).waitFor();
    assert.deepEqual([...new Set(gateway.seen)], ['thr_1'], 'nobody has opened the other one');
    await page.locator('#talk textarea').fill('I knock.');
    await page.locator('#talk .primary').click();
    await page.locator('#talk li.mine', { hasText: 'I knock.' }).waitFor();
    assert.equal(gateway.said.at(-1).to, null);
    await page.locator('#talk .close').click();
    // The focus is back where it was.
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-act') === 'write del_1');

    // The place goes out, and without a network it waits.
    await page.locator('#share button').click();
    await gateway.until(() => gateway.fixes.length > 0);
    assert.deepEqual(gateway.fixes[0].slice(0, 2), [40.73, -73.98]);
    assert.equal(gateway.credential, `Bearer ${TOKEN}`);
    await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
    await page.waitForFunction(async () => (await (await caches.open('doorstep-drive')).keys()).length > 10);
    await gateway.leave();
    await context.setGeolocation({ latitude: 40.74, longitude: -73.97, accuracy: 5 });
    await page.reload();
    await page.locator('#line', { hasText: 'No connection. This is the tour as of' }).waitFor();
    assert.equal(await page.locator('.stop').count(), 3, 'the last tour is there to read');
    await gateway.start();
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.locator('#line').waitFor({ state: 'hidden' });
    await gateway.until(() => gateway.fixes.some(([lat]) => lat === 40.74));

    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], 'the page is no wider than its window');
    assert.deepEqual(await page.evaluate(small), [], 'fingers hit every control');

    // The session ends: nothing about anybody stays, on the page or on the phone.
    gateway.end();
    await page.locator('.key-form [role="alert"]', { hasText: 'This link has ended' }).waitFor();
    assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
    assert.equal(/Brook|Robin|knock|1001/.exec(await page.content()), null);
    gateway.isOver = false;
    await page.locator('.key-form input').fill(`${home}/drive#token=${TOKEN}`);
    await page.locator('.key-form .primary').click();
    await page.locator('.stop').first().waitFor();

    // Another link in another tab: this one forgets what was its own, and nothing of that one's.
    const other = await context.newPage();
    await gateway.listen(other);
    const inStore = () => other.evaluate(() => JSON.parse(localStorage.getItem('doorstep-drive') ?? '{}').token);
    await other.goto(`${home}/drive#token=${TOKEN.replaceAll('x', 'y')}`);
    await other.locator('.stop').first().waitFor();
    await page.locator('.key-form').waitFor();
    // Whatever that tab had to say of it has been heard here before this.
    await page.evaluate(() => localStorage.setItem('last', 'word'));
    await other.waitForFunction(() => localStorage.getItem('last'));
    await other.evaluate(() => localStorage.removeItem('last'));
    assert.equal(await inStore(), TOKEN.replaceAll('x', 'y'));
    // And one that is opened in this very tab.
    await other.evaluate((token) => { location.hash = `token=${token}`; }, TOKEN);
    await other.waitForFunction((token) => localStorage.getItem('doorstep-drive')?.includes(token), TOKEN);
    assert.ok(!other.url().includes('dk_live'));
    await other.locator('.stop').first().waitFor();
    await other.locator('#leave').click();
    await other.locator('.key-form').waitFor();
    assert.deepEqual(await other.evaluate(() => Object.keys(localStorage)), []);
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
    await gateway.leave();
  }
});

/** In the page: what a finger would miss. */
function small() {
  const controls = [...document.querySelectorAll('#board button, #board a, #board summary')];
  return controls.filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44).map((each) => each.textContent);
}
