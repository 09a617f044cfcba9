/**
 * GraphQL of the pages; what the shopper's sends is in `shopper/documents.js`. `tests/browser/test_documents.py`
 * holds every file of this name against the schema.
 */

const OPTIONS_FIELDS = /* GraphQL */ `
  fragment OptionsFields on DeliveryOptions {
    id
    isComplete
    refreshAfterSeconds
    serverTime
    destination { missing }
    groups {
      id
      options {
        id code title mode highlights isBookable expiresAt
        price { amount currencyCode }
        promise { window { start end } timeZone confidence }
        carrier { code name }
        emissions { co2eGrams }
        rankReasons { factor text }
      }
    }
  }
`;

export const OPTIONS = /* GraphQL */ `
  query Options($destination: DestinationInput!, $items: [CartItemInput!], $cart: CartContextInput) {
    deliveryOptions(destination: $destination, items: $items, cart: $cart) {
      __typename
      ...OptionsFields
      ... on Problem { code message retryable }
    }
  }
  ${OPTIONS_FIELDS}
`;

export const OPTIONS_AGAIN = /* GraphQL */ `
  query OptionsAgain($id: ID!) {
    deliveryOptionsById(id: $id) { __typename ...OptionsFields }
  }
  ${OPTIONS_FIELDS}
`;

export const CHOOSE = /* GraphQL */ `
  mutation Choose($input: ChooseDeliveryOptionInput!) {
    chooseDeliveryOption(input: $input) {
      __typename
      ... on ChooseDeliveryOptionSuccess {
        choice {
          reference
          priceLockedUntil
          total { amount currencyCode }
          promise { window { start end } timeZone }
        }
      }
      ... on Problem { code message retryable }
    }
  }
`;

export const VIEWER = /* GraphQL */ `
  query WhoAmI {
    viewer { merchant { name timeZone } }
  }
`;

export const DELIVERY_UPDATED = /* GraphQL */ `
  subscription DeliveryUpdated($after: String) {
    deliveryUpdated(
      filter: { stage: [PREPARING, ON_THE_WAY, NEARBY, NEEDS_ATTENTION] }, snapshot: 300, after: $after
    ) {
      cursor kind sentAt leftFilter
      delivery {
        id reference version createdAt updatedAt status stage flags
        promise { window { start end } timeZone }
        eta { at interval { start end } stopsBefore }
        destination { address1 city location { latitude longitude } }
        activeLeg {
          mode endedAt
          carrier { code name }
          courier { displayName vehicle }
          position { location { latitude longitude } recordedAt headingDegrees }
        }
        order { number }
        driver { id name vehicle { name } }
      }
    }
  }
`;

const EXCEPTION_FIELDS = /* GraphQL */ `
  fragment ExceptionFields on DeliveryException {
    id kind severity status title evidence raisedAt dueAt resolvedAt resolvedBy version
    steps { action status reason at }
    delivery { id reference }
  }
`;

export const EXCEPTION_RAISED = /* GraphQL */ `
  subscription ExceptionRaised($after: String) {
    exceptionRaised(after: $after) { cursor kind sentAt leftFilter exception { ...ExceptionFields } }
  }
  ${EXCEPTION_FIELDS}
`;

export const EXCEPTIONS_RESOLVED = /* GraphQL */ `
  query ExceptionsResolved {
    deliveryExceptions(
      first: 200, filter: { status: [RESOLVED] }, orderBy: { field: RAISED_AT, direction: DESC }
    ) { nodes { ...ExceptionFields } }
  }
  ${EXCEPTION_FIELDS}
`;

export const DRIVER_MOVED = /* GraphQL */ `
  subscription DriverMoved($everySeconds: Float!) {
    driverMoved(everySeconds: $everySeconds) {
      cursor kind sentAt
      moved {
        status
        driver { id name vehicle { name } }
        position { location { latitude longitude } recordedAt headingDegrees }
      }
    }
  }
`;

export const DAY = /* GraphQL */ `
  query Day($from: DateTime!, $to: DateTime!) {
    orders(first: 1, filter: { placedWithin: { start: $from, end: $to } }) { total { value } }
    deliveries(first: 250, filter: { stage: [DELIVERED], createdWithin: { start: $from, end: $to } }) {
      total { value }
      nodes { id updatedAt promise { window { end } } activeLeg { endedAt } }
    }
    routes(first: 30, filter: { status: [STARTED] }) {
      nodes { id status path stops { id status location { latitude longitude } } }
    }
  }
`;

export const ACKNOWLEDGE = /* GraphQL */ `
  mutation Acknowledge($input: AcknowledgeExceptionInput!) {
    acknowledgeException(input: $input) {
      __typename
      ... on AcknowledgeExceptionSuccess { exception { ...ExceptionFields } }
      ... on Problem { code message retryable }
    }
  }
  ${EXCEPTION_FIELDS}
`;

export const RESOLVE = /* GraphQL */ `
  mutation Resolve($input: ResolveExceptionInput!) {
    resolveException(input: $input) {
      __typename
      ... on ResolveExceptionSuccess { exception { ...ExceptionFields } }
      ... on Problem { code message retryable }
    }
  }
  ${EXCEPTION_FIELDS}
`;

export const TRACKING_TOKEN = /* GraphQL */ `
  mutation TrackingLink($input: CreateTrackingTokenInput!) {
    createTrackingToken(input: $input) {
      __typename
      ... on CreateTrackingTokenSuccess { token url }
      ... on Problem { code message retryable }
    }
  }
`;

export const ARRIVALS = /* GraphQL */ `
  query Arrivals($days: Int!) {
    etaAccuracy(days: $days) {
      overall { title arrivals errorSeconds lateSeconds coverage }
      days { title arrivals errorSeconds lateSeconds coverage }
      parts { title arrivals errorSeconds lateSeconds coverage }
      lateRisk { arrivals late brier shareBrier ranked spans { begins ends arrivals told late } }
      versions {
        number trainedAt isCurrent hasModel arrivals errorSeconds reckonedErrorSeconds coverage
        worstCoverage worstPart note
      }
    }
  }
`;

const DESK_FIELDS = /* GraphQL */ `
  fragment DeskFields on DeliveryException {
    id kind severity status title version raisedAt dueAt breachesPromiseAt resolvedBy
    assignee { id name }
  }
`;

export const DESK_WHO = /* GraphQL */ `
  query DeskWho {
    viewer { merchant { name timeZone } person { id name } }
    people(first: 250) { nodes { id name } }
  }
`;

export const DESK_QUEUE = /* GraphQL */ `
  query DeskQueue($filter: ExceptionFilter, $first: Int!, $after: String) {
    deliveryExceptions(filter: $filter, first: $first, after: $after, orderBy: { field: BREACH }) {
      nodes { ...DeskFields }
      pageInfo { hasNextPage endCursor }
      total { value precision }
    }
  }
  ${DESK_FIELDS}
`;

export const DESK_CHANGED = /* GraphQL */ `
  subscription DeskChanged($filter: ExceptionFilter, $after: String) {
    exceptionRaised(filter: $filter, snapshot: 0, after: $after) {
      cursor kind sentAt leftFilter exception { ...DeskFields }
    }
  }
  ${DESK_FIELDS}
`;

export const DESK_ONE = /* GraphQL */ `
  query DeskOne($id: ID!) {
    deliveryException(id: $id) {
      ...DeskFields
      evidence escalations missedResponses waitingFor
      delivery {
        id reference driver { id name }
        thread { id isOpen messages(first: 20) { nodes { id sender body sentAt to attachmentUrls } } }
      }
      steps { id action status reason at canUndo cost { amount currencyCode } }
      remedies { id label effect needsApproval newEta cost { amount currencyCode } }
      history(first: 100) { nodes { at by text keyName person { id name } to { id name } } }
    }
  }
  ${DESK_FIELDS}
`;

export const CLAIM = /* GraphQL */ `
  mutation ClaimException($input: ClaimExceptionInput!) {
    claimException(input: $input) { __typename ... on Problem { code message retryable } }
  }
`;

export const ASSIGN = /* GraphQL */ `
  mutation AssignException($input: AssignExceptionInput!) {
    assignException(input: $input) { __typename ... on Problem { code message retryable } }
  }
`;

export const COMMENT = /* GraphQL */ `
  mutation CommentException($input: CommentExceptionInput!) {
    commentException(input: $input) { __typename ... on Problem { code message retryable } }
  }
`;

export const ESCALATE = /* GraphQL */ `
  mutation EscalateException($input: EscalateExceptionInput!) {
    escalateException(input: $input) { __typename ... on Problem { code message retryable } }
  }
`;

export const REOPEN = /* GraphQL */ `
  mutation ReopenException($input: ReopenExceptionInput!) {
    reopenException(input: $input) { __typename ... on Problem { code message retryable } }
  }
`;

export const APPLY_REMEDY = /* GraphQL */ `
  mutation ApplyRemedy($input: ApplyRemedyInput!) {
    applyRemedy(input: $input) { __typename ... on Problem { code message retryable } }
  }
`;

export const SEND_MESSAGE = /* GraphQL */ `
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) { __typename ... on Problem { code message retryable } }
  }
`;

export const UNDO_STEP = /* GraphQL */ `
  mutation UndoPlaybookStep($input: UndoPlaybookStepInput!) {
    undoPlaybookStep(input: $input) { __typename ... on Problem { code message retryable } }
  }
`;
