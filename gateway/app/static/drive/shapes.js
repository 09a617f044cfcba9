/** What the gateway answers to the documents of the driver's page, and what the page keeps. */

/** @import { LatLng, LiveUpdate, Window } from '../shapes.js' */

/**
 * @typedef {object} Door
 * @property {string | null} name
 * @property {string | null} company
 * @property {string | null} address1
 * @property {string | null} address2
 * @property {string | null} city
 * @property {string | null} postalCode
 * @property {string | null} phone
 * @property {string | null} instructions
 */

/** @typedef {{ id: string, isOpen: boolean, unreadCount: number }} ThreadHead */
/** @typedef {{ id: string, reference: string, status: string, thread: ThreadHead }} Goods */

/**
 * @typedef {object} Stop
 * @property {string} id
 * @property {number} sequence 1 is first
 * @property {string} kind
 * @property {string} status
 * @property {string} plannedArrival
 * @property {string | null} arrivedAt
 * @property {string | null} departedAt
 * @property {string[]} requirements
 * @property {LatLng} location
 * @property {Window[]} windows
 * @property {{ at: string, interval: Window } | null} eta
 * @property {Door | null} address
 * @property {Goods[]} deliveries
 */

/**
 * @typedef {object} Tour
 * @property {string} id
 * @property {number} version
 * @property {string} status
 * @property {string} startsAt
 * @property {string} endsAt
 * @property {boolean} isApproximate
 * @property {Stop[]} stops
 */

/** @typedef {LiveUpdate & { routeId: string | null, leftFilter: boolean, route: Tour | null }} TourUpdate */
/** @typedef {{ id: string, sender: string, body: string, sentAt: string, to: string | null, attachmentUrls: string[] }} Message */
/** @typedef {ThreadHead & { messages: { nodes: Message[] } }} Thread newest message first */
/** @typedef {{ driver: string, merchant: string, timeZone: string }} Me */
/** @typedef {{ sequence: number, lat: number, lng: number, recorded_at: number, speed_mps: number | null, heading_deg: number | null, accuracy_m: number | null }} Fix recorded_at is Unix seconds */

/**
 * @typedef {object} State
 * @property {string} token
 * @property {string | null} expiresAt
 * @property {number | null} skewMs so far is the server's clock ahead of the phone's; null while it was not heard
 * @property {Me | null} me
 * @property {Tour[]} tours
 * @property {string[]} news that the driver has not said to have seen
 * @property {string | null} asOf when the tours were heard of last
 * @property {boolean} shares
 */

export {};
