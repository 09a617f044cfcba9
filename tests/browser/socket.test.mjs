import assert from 'node:assert/strict';
import test from 'node:test';

import { createWire } from './wire.mjs';

const DOCUMENT = 'subscription Deliveries($after: String) { deliveryUpdated(after: $after) { kind cursor } }';
const SILENCE_MS = 50_000;

/** @param {object} [more] */
function listen(more = {}) {
  const wire = createWire();
  /** @type {string[]} */
  const heard = [];
  /** @type {any[]} */
  const ends = [];
  const stop = wire.line.subscribe({
    document: DOCUMENT,
    onUpdate: ({ kind, cursor }) => heard.push(`${kind} ${cursor}`),
    onEnd: (failure) => ends.push(failure),
    ...more,
  });
  return { ...wire, heard, ends, stop };
}

test('the line introduces itself with its credential before it subscribes', () => {
  const { sockets } = listen();
  sockets[0].welcome();
  assert.deepEqual(sockets[0].sent, [
    { type: 'connection_init', payload: { authorization: 'Bearer token_1' } },
    { id: '1', type: 'subscribe', payload: { query: DOCUMENT, variables: {} } },
  ]);
});

test('after a break the subscription goes on from the last cursor it has seen', () => {
  const { sockets, pass, heard } = listen();
  sockets[0].welcome();
  sockets[0].update('1', 'SNAPSHOT', 'a');
  sockets[0].update('1', 'CHECKPOINT', 'b');
  sockets[0].update('1', 'CHANGE', 'c');
  sockets[0].breakOff(1006);
  pass(500);
  sockets[1].welcome();
  assert.deepEqual(sockets[1].of('subscribe')[0].payload.variables, { after: 'c' });
  assert.deepEqual(heard, ['SNAPSHOT a', 'CHECKPOINT b', 'CHANGE c']);
});

test('a break within the snapshot starts anew, since a part of it may be missing', () => {
  const { sockets, pass } = listen();
  sockets[0].welcome();
  sockets[0].update('1', 'SNAPSHOT', 'a');
  sockets[0].breakOff(1006);
  pass(500);
  sockets[1].welcome();
  assert.deepEqual(sockets[1].of('subscribe')[0].payload.variables, {});
});

test('a break after a RESET and before its CHECKPOINT starts anew too', () => {
  const { sockets, pass } = listen();
  sockets[0].welcome();
  sockets[0].update('1', 'CHECKPOINT', 'a');
  sockets[0].update('1', 'RESET', 'b');
  sockets[0].update('1', 'SNAPSHOT', 'b');
  sockets[0].breakOff(1006);
  pass(500);
  sockets[1].welcome();
  assert.deepEqual(sockets[1].of('subscribe')[0].payload.variables, {});
});

test('positions, which cannot be resumed, are asked for anew', () => {
  const { sockets, pass } = listen({ canResume: false, variables: { everySeconds: 1 } });
  sockets[0].welcome();
  sockets[0].update('1', 'CHECKPOINT', 'a');
  sockets[0].breakOff(1006);
  pass(500);
  sockets[1].welcome();
  assert.deepEqual(sockets[1].of('subscribe')[0].payload.variables, { everySeconds: 1 });
});

test('every failed attempt doubles the pause, and a success begins again with the shortest', () => {
  const { sockets, pass } = listen();
  for (const pause of [500, 1000, 2000]) {
    sockets.at(-1)?.breakOff(1006);
    assert.equal(pass(pause), 1);
  }
  sockets[3].welcome();
  sockets[3].breakOff(1006);
  assert.equal(pass(500), 1);
});

test('no pause is longer than half a minute', () => {
  const { sockets, pass } = listen();
  for (const pause of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    sockets.at(-1)?.breakOff(1006);
    assert.equal(pass(pause), 1);
  }
});

test('a credential that is refused or over is not tried again', () => {
  for (const code of [4401, 4403]) {
    const { sockets, states, ends } = listen();
    sockets[0].breakOff(code, 'The credential has ended');
    assert.equal(states.at(-1), 'ended');
    assert.equal(ends[0].message, 'The credential has ended');
    assert.equal(sockets.length, 1);
  }
});

test('pings are answered', () => {
  const { sockets } = listen();
  sockets[0].welcome();
  sockets[0].say({ type: 'ping' });
  assert.equal(sockets[0].of('pong').length, 1);
});

test('a line that falls silent is given up and opened again', () => {
  const { sockets, pass, states } = listen();
  sockets[0].welcome();
  pass(SILENCE_MS);
  assert.ok(sockets[0].isClosed);
  assert.equal(states.at(-1), 'waiting');
  pass(500);
  assert.equal(sockets.length, 2);
});

test('an error that a later try may mend is tried later, any other ends the subscription', () => {
  const { sockets, pass, ends } = listen();
  sockets[0].welcome();
  sockets[0].say({ id: '1', type: 'error', payload: [{ message: 'Busy', extensions: { retryable: true } }] });
  assert.deepEqual(ends, []);
  pass(4000);
  assert.equal(sockets[0].of('subscribe').length, 2);
  sockets[0].say({ id: '1', type: 'error', payload: [{ message: 'No such field' }] });
  assert.equal(ends[0].message, 'No such field');
});

test('who stops listening hears nothing more, and the server is told', () => {
  const { sockets, heard, stop } = listen();
  sockets[0].welcome();
  stop();
  sockets[0].update('1', 'CHANGE', 'a');
  assert.deepEqual(heard, []);
  assert.deepEqual(sockets[0].of('complete'), [{ id: '1', type: 'complete' }]);
});

test('one socket carries many subscriptions, and a break brings all of them back', () => {
  const { line, sockets, pass } = listen();
  line.subscribe({ document: DOCUMENT, onUpdate: () => {} });
  sockets[0].welcome();
  sockets[0].breakOff(1012);
  pass(500);
  sockets[1].welcome();
  assert.deepEqual(sockets[1].of('subscribe').map(({ id }) => id), ['1', '2']);
});

test('a closed line stays closed', () => {
  const { line, sockets, pass } = listen();
  sockets[0].welcome();
  line.close();
  assert.ok(sockets[0].isClosed);
  assert.equal(pass(500) + pass(SILENCE_MS), 0);
});
