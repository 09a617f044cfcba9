/** What a page asks before it sends a photo; `tests/browser/test_documents.py` holds it against the schema. */

export const CREATE_UPLOAD = /* GraphQL */ `
  mutation CreateUpload($input: CreateUploadInput!) {
    createUpload(input: $input) {
      __typename
      ... on CreateUploadSuccess { upload { uploadId url headers { name value } } }
      ... on Problem { code message retryable }
    }
  }
`;
