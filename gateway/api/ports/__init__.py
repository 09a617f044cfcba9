"""What the API must be handed, subject by subject; `session` has all of it for one caller."""
