"""Who is asking, and what is kept secret: keys, tracking tokens, sealed credentials, guarded addresses.

Imports the ground floor only. Nothing here reads a database or a socket, except that `address_guard`
asks the resolver of names.
"""
