"""The GraphQL API: types over the ground floor's values, access by field, cost, and live updates.

`schema.build_schema` makes the schema, `asgi.graphql_app` serves it, `ports` says what it must be handed.
`python -m gateway.api` prints the SDL that is committed as `schema.graphql`.
"""
