"""The house put together: `house.open_house` is the one place that knows every room."""
