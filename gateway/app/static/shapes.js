/** What the gateway answers to the documents in `documents.js`; see /schema.graphql for the meaning. */

/** @typedef {{ amount: string, currencyCode: string }} Money amount is a decimal in major units */
/** @typedef {{ start: string, end: string }} Window half-open */
/** @typedef {{ latitude: number, longitude: number }} LatLng */
/** @typedef {{ window: Window, timeZone: string, confidence?: number | null }} Promise_ */
/** @typedef {{ at: string, interval: Window, stopsBefore: number | null }} Eta */
/** @typedef {{ location: LatLng, recordedAt: string, headingDegrees: number | null }} Position */
/** @typedef {{ displayName: string | null, vehicle: string }} Courier */
/** @typedef {{ __typename: string, code: string, message: string, retryable: boolean }} Problem */

/**
 * @typedef {object} Option
 * @property {string} id
 * @property {string} code stable between answers
 * @property {string} title
 * @property {string} mode
 * @property {Money} price
 * @property {Promise_} promise
 * @property {{ code: string, name: string }} carrier
 * @property {{ co2eGrams: number } | null} emissions
 * @property {string[]} highlights
 * @property {{ factor: string, text: string }[]} rankReasons
 * @property {boolean} isBookable
 * @property {string} expiresAt
 */

/**
 * @typedef {object} Options
 * @property {'DeliveryOptions'} __typename
 * @property {string} id
 * @property {boolean} isComplete
 * @property {number | null} refreshAfterSeconds
 * @property {string} serverTime
 * @property {{ missing: string[] }} destination
 * @property {{ id: string, options: Option[] }[]} groups
 */

/**
 * @typedef {object} Choice
 * @property {string} reference
 * @property {string} priceLockedUntil
 * @property {Money} total
 * @property {Promise_} promise
 */

/**
 * @typedef {object} Tracking
 * @property {string} id
 * @property {string} reference
 * @property {string} stage
 * @property {string} status
 * @property {string} headline
 * @property {Promise_ | null} promise
 * @property {Eta | null} eta
 * @property {Courier | null} courier
 * @property {LatLng | null} destination
 * @property {Position | null} position
 * @property {string | null} positionHidden
 * @property {string | null} carrierName
 * @property {{ stage: string, text: string, at: string | null, isDone: boolean }[]} timeline
 * @property {{ name: string, timeZone: string, supportUrl: string | null }} merchant
 * @property {string[]} actions what the shopper may do now
 * @property {{ unreadCount: number }} thread
 */

/** @typedef {{ id: string, window: Window, timeZone: string, availability: string }} Slot */
/** @typedef {{ id: string, sender: string, body: string, sentAt: string, attachmentUrls: string[] }} Message */

/**
 * @typedef {object} Leg
 * @property {string} mode
 * @property {string | null} endedAt
 * @property {{ code: string, name: string }} carrier
 * @property {Courier | null} courier
 * @property {Position | null} position
 */

/**
 * @typedef {object} Delivery
 * @property {string} id
 * @property {string} reference
 * @property {number} version
 * @property {string} createdAt
 * @property {string} updatedAt
 * @property {string} status
 * @property {string} stage
 * @property {string[]} flags
 * @property {Promise_ | null} promise
 * @property {Eta | null} eta
 * @property {{ address1: string | null, city: string | null, location: LatLng | null }} destination
 * @property {Leg | null} activeLeg
 * @property {{ number: string } | null} order
 * @property {{ id: string, name: string, vehicle: { name: string | null } } | null} driver
 */

/**
 * @typedef {object} DeliveryException
 * @property {string} id
 * @property {string} kind
 * @property {string} severity
 * @property {string} status
 * @property {string} title
 * @property {string} evidence
 * @property {string} raisedAt
 * @property {string} dueAt
 * @property {string | null} resolvedAt
 * @property {string | null} resolvedBy
 * @property {number} version
 * @property {{ action: string, status: string, reason: string, at: string }[]} steps
 * @property {{ id: string, reference: string } | null} delivery
 */

/** @typedef {{ id: string, name: string }} Person */

/**
 * @typedef {object} DeskException
 * @property {string} id
 * @property {string} kind
 * @property {string} severity
 * @property {string} status
 * @property {string} title
 * @property {number} version
 * @property {string} raisedAt
 * @property {string} dueAt
 * @property {string | null} breachesPromiseAt
 * @property {string | null} resolvedBy
 * @property {Person | null} assignee
 */

/** @typedef {{ id: string, label: string, effect: string, needsApproval: boolean, newEta: string | null, cost: Money | null }} Remedy */
/** @typedef {{ id: string, action: string, status: string, reason: string, at: string, canUndo: boolean, cost: Money | null }} DeskStep */
/** @typedef {{ at: string, by: string, text: string, keyName: string | null, person: Person | null, to: Person | null }} DeskEntry */

/** @typedef {Message & { to: string | null }} DeskMessage */
/** @typedef {{ id: string, isOpen: boolean, messages: { nodes: DeskMessage[] } }} DeskThread newest first */
/** @typedef {{ id: string, reference: string, driver: { id: string, name: string } | null, thread: DeskThread }} DeskDelivery */

/**
 * @typedef {object} More
 * @property {string} evidence
 * @property {number} escalations
 * @property {string[]} missedResponses
 * @property {string | null} waitingFor
 * @property {DeskDelivery | null} delivery
 * @property {DeskStep[]} steps
 * @property {Remedy[]} remedies
 * @property {{ nodes: DeskEntry[] }} history
 */

/** @typedef {DeskException & More} DeskDetail */

/**
 * @typedef {object} DriverPosition
 * @property {{ id: string, name: string, vehicle: { name: string | null } }} driver
 * @property {Position} position
 * @property {string} status
 */

/**
 * @typedef {object} Route
 * @property {string} id
 * @property {string} status
 * @property {string | null} path encoded polyline, precision 5
 * @property {{ id: string, status: string, location: LatLng }[]} stops
 */

/**
 * @typedef {object} Day
 * @property {{ total: { value: number } }} orders
 * @property {{ total: { value: number }, nodes: Finished[] }} deliveries
 * @property {{ nodes: Route[] }} routes
 */

/**
 * @typedef {object} Finished
 * @property {string} id
 * @property {string} updatedAt
 * @property {{ window: { end: string } } | null} promise
 * @property {{ endedAt: string | null } | null} activeLeg
 */

/** @typedef {'SNAPSHOT' | 'CHECKPOINT' | 'CHANGE' | 'RESET'} UpdateKind */
/** @typedef {{ cursor: string, kind: UpdateKind, sentAt: string }} LiveUpdate */

export {};
