/** The page behind a tracking link: /track/<token>. */

import './doorstep.js';
import { find } from './dom.js';
import { ownAddress } from './fragment.js';

const shown = find(document, 'doorstep-tracking');
const map = ownAddress(location.hash, 'map');
if (map) {
  shown.setAttribute('map', map);
}
shown.setAttribute('token', decodeURIComponent(location.pathname.split('/').pop() ?? ''));
