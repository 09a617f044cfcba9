/** What the driver's page asks; `tests/browser/test_documents.py` holds it against the schema. */

const DRIVE_FIELDS = /* GraphQL */ `
  fragment DriveFields on Route {
    id version status startsAt endsAt isApproximate
    stops {
      id sequence kind status plannedArrival arrivedAt departedAt requirements
      location { latitude longitude }
      windows { start end }
      eta { at interval { start end } }
      address { name company address1 address2 city postalCode phone instructions }
      deliveries { id reference status thread { id isOpen unreadCount } }
    }
  }
`;

export const DRIVE_WHO = /* GraphQL */ `
  query DriveWho {
    viewer { expiresAt merchant { name timeZone } driver { id name vehicle { name } } }
  }
`;

export const DRIVE_CHANGED = /* GraphQL */ `
  subscription DriveChanged($after: String) {
    routeUpdated(after: $after) { cursor kind sentAt routeId leftFilter route { ...DriveFields } }
  }
  ${DRIVE_FIELDS}
`;

export const DRIVE_THREAD = /* GraphQL */ `
  query DriveThread($id: ID!) {
    thread(id: $id) { id isOpen unreadCount messages(first: 30) { nodes { id sender body sentAt to attachmentUrls } } }
  }
`;

export const DRIVE_SAY = /* GraphQL */ `
  mutation DriveSay($input: SendMessageInput!) {
    sendMessage(input: $input) { __typename ... on Problem { code message retryable } }
  }
`;

export const DRIVE_SEEN = /* GraphQL */ `
  mutation DriveSeen($input: ReadThreadInput!) {
    readThread(input: $input) { __typename ... on Problem { code message retryable } }
  }
`;
