"""Quote and choose: every way of delivering is asked, ranked and explained, and the shopper takes one."""
