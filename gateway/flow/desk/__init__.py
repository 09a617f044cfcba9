"""Desk: what people do about exceptions, and what happens when nobody does.

Each act is a line of the history. Whoever calls has locked the incident (`look_up`), in the order in which
everybody locks: its delivery first.
"""
