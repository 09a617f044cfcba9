"""Returning: what nobody took in goes out again, is left, or comes back; and what is lost is claimed.

Three lives, and what they share:

- a failed attempt: `states` is its table and `choices` what is open in it; `opening` begins it, `follow`
  moves it on by what is reported (`van` for own vans), `deciding` takes a decision and `carrying` does it
  (`again` sends goods out once more), `door` and `word` are what is said of the door, `slots` moves a place;
- goods that a shopper gives back: `requesting` writes them down, `fetching` books and follows them;
- a claim against a carrier: `claiming`;
- `looking_after` looks at all of them now and then, `noting` writes into the incident.
"""
