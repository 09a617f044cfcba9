"""What reads many things at once, so that a list of things costs as many reads as one; `all` joins them."""
