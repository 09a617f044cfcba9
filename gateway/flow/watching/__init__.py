"""Watch: what goes wrong is seen, mended by a machine where it can, and shown to a person where not."""
