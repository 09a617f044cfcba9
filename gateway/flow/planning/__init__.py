"""Planning: own-fleet deliveries of the next hours become routes that drivers are told."""
