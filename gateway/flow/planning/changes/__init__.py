"""Single changes of running tours, by people and by what happens."""
