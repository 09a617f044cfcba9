"""Subscriptions after their snapshot: who asks for the same by the same right is told the same bytes.

No task and no generator waits for each: the feed calls (`follower`), what is told is made once (`group`,
`moves`), and the socket's way out says when it has room (`outlet`).
"""
