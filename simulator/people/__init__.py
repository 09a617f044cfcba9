"""The people of the simulated city: shoppers who order, drivers who deliver. All of them are invented."""
