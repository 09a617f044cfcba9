/** Where the goods may be left, and where the door is. */

import { UPDATE_DROPOFF } from './documents.js';
import { element, icon } from '../dom.js';
import { CityMap } from '../map.js';
import { createForm } from './ask.js';

/** @import { Panel, World } from './actions.js' */

const LONGEST_PLACE = 100;
const PATIENCE_MS = 15_000;

/** About 300 m: the place that a page is told is right to 100 m. */
const DOOR_SPAN = 0.003;

/** @param {World} world @returns {Panel} */
export function safePlace({ act, done }) {
  const place = element('input', {
    name: 'place', required: true, maxlength: LONGEST_PLACE, placeholder: 'Behind the gate on the left', autocomplete: 'off',
  });
  const form = createForm(
    'Leave it there',
    async () => {
      const wrong = await act(UPDATE_DROPOFF, { safePlace: place.value.trim() });
      if (wrong === null) {
        form.reset();
        done('Thank you. Whoever brings it is told where to leave it.');
      }
      return wrong;
    },
    element('label', {}, 'Where it may be left', place),
    element('p', { class: 'small soft' }, 'It is left there without anybody taking it in.'),
  );
  return { title: 'Choose a safe place', body: form };
}

/**
 * The door on the map: the map is moved under a pin, which fingers and arrow keys can do alike. Without streets
 * to go by, only the phone can say where the door is.
 *
 * @param {World} world
 * @returns {Panel}
 */
export function doorPin({ act, done, ground, tracking }) {
  const host = element('div', { class: 'map' });
  const hint = element('p', { class: 'small soft' }, 'Move the map until the pin stands on your door; arrow keys do it too.');
  /** @type {CityMap | null} */
  let map = null;
  const say = async (/** @type {number} */ latitude, /** @type {number} */ longitude) => {
    const wrong = await act(UPDATE_DROPOFF, { pin: { latitude, longitude } });
    if (wrong === null) {
      done('Thank you. Whoever brings it is shown your door.');
    }
    return wrong;
  };
  const onMap = createForm('The door is here', async () => (map ? say(map.centre[1], map.centre[0]) : null), hint, host);
  const atDoor = createForm('Use where I am now', async () => {
    const here = await whereAmI();
    return here ? say(here.latitude, here.longitude) : 'This device does not say where it is. You can send a message instead.';
  }, element('p', { class: 'small soft' }, 'If you are at the door, this device can say where that is.'));

  async function open() {
    const streets = await ground();
    onMap.hidden = !streets;
    const { destination } = tracking();
    if (streets && !map && destination) {
      map = new CityMap(host, 'Map on which the pin marks your door', DOOR_SPAN);
      host.append(element('span', { class: 'pin' }, icon('pin')));
      map.setGround(streets);
      map.frame([[destination.longitude, destination.latitude]]);
    }
  }

  return {
    title: 'Show where your door is',
    body: element('div', {}, onMap, atDoor),
    open,
    close: () => {
      map?.close();
      map = null;
      host.replaceChildren();
    },
  };
}

/** @returns {Promise<GeolocationCoordinates | null>} null where the device or its owner does not tell */
function whereAmI() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) {
      resolve(null);
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve(coords), () => resolve(null), { enableHighAccuracy: true, timeout: PATIENCE_MS },
    );
  });
}
