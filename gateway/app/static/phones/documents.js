/** What dispatchers ask to hand a driver the link for the phone. */

export const PHONES_DRIVERS = /* GraphQL */ `
  query PhonesDrivers($after: String) {
    drivers(first: 100, after: $after, filter: { enabled: true }) {
      nodes { id name vehicle { name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

export const PHONES_LINK = /* GraphQL */ `
  mutation PhonesLink($input: CreateDriverSessionInput!) {
    createDriverSession(input: $input) {
      __typename
      ... on CreateDriverSessionSuccess { token session { expiresAt } }
      ... on Problem { code message retryable }
    }
  }
`;

export const PHONES_END = /* GraphQL */ `
  mutation PhonesEnd($input: EndDriverSessionsInput!) {
    endDriverSessions(input: $input) {
      __typename
      ... on EndDriverSessionsSuccess { ended }
      ... on Problem { code message retryable }
    }
  }
`;
