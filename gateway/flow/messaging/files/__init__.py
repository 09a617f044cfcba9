"""Files: photos that shopper, driver and desk put into their thread."""
