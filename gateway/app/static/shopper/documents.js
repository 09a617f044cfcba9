/** GraphQL of the shopper's page: the delivery, live, and what the shopper may do about it. */

const TRACKING_FIELDS = /* GraphQL */ `
  fragment TrackingFields on Tracking {
    id reference stage status headline carrierName positionHidden
    promise { window { start end } timeZone }
    eta { at interval { start end } stopsBefore }
    courier { displayName vehicle }
    destination { latitude longitude }
    position { location { latitude longitude } recordedAt headingDegrees }
    timeline { stage text at isDone }
    merchant { name timeZone supportUrl }
    actions
    thread { unreadCount }
  }
`;

export const TRACKING_UPDATED = /* GraphQL */ `
  subscription TrackingUpdated($after: String) {
    trackingUpdated(after: $after) { cursor kind sentAt tracking { ...TrackingFields } }
  }
  ${TRACKING_FIELDS}
`;

export const TRACKING_POSITION = /* GraphQL */ `
  query TrackingPosition {
    tracking {
      __typename
      ... on Tracking {
        positionHidden
        position { location { latitude longitude } recordedAt headingDegrees }
      }
      ... on Problem { code message retryable }
    }
  }
`;

export const TRACKING_SLOTS = /* GraphQL */ `
  query TrackingSlots {
    tracking {
      __typename
      ... on Tracking { slots(first: 20) { nodes { id window { start end } timeZone availability } } }
      ... on Problem { code message retryable }
    }
  }
`;

export const TRACKING_THREAD = /* GraphQL */ `
  query TrackingThread {
    tracking {
      __typename
      ... on Tracking { thread { id unreadCount messages(first: 30) { nodes { id sender body sentAt attachmentUrls } } } }
      ... on Problem { code message retryable }
    }
  }
`;

export const RESCHEDULE = /* GraphQL */ `
  mutation Reschedule($input: RescheduleDeliveryInput!) {
    rescheduleDelivery(input: $input) {
      __typename
      ... on RescheduleDeliverySuccess { tracking { ...TrackingFields } }
      ... on Problem { code message retryable }
    }
  }
  ${TRACKING_FIELDS}
`;

export const UPDATE_DROPOFF = /* GraphQL */ `
  mutation UpdateDropoff($input: UpdateDropoffInput!) {
    updateDropoff(input: $input) {
      __typename
      ... on UpdateDropoffSuccess { tracking { ...TrackingFields } }
      ... on Problem { code message retryable }
    }
  }
  ${TRACKING_FIELDS}
`;

export const SEND_MESSAGE = /* GraphQL */ `
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessageSuccess { sent { id } }
      ... on Problem { code message retryable }
    }
  }
`;

export const READ_THREAD = /* GraphQL */ `
  mutation ReadThread($input: ReadThreadInput!) {
    readThread(input: $input) { __typename ... on Problem { code message retryable } }
  }
`;
