"""The GraphQL API: types over the ground floor's values, access by field, cost, and live updates.

A document comes in by `transport`, is let in by `admission`, begins at `roots` and is answered with `types`,
which read through `loaders`; live reads go on in `sharing`. `ports` says what all of it must be handed, and
`schema.build_schema` puts the schema together. `python -m gateway.api` prints the SDL that is committed as
`schema.graphql`.
"""
