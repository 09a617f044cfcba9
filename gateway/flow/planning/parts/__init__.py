"""What a plan is made of: visits, vans and tours that drivers were told, as the optimizer knows them."""
