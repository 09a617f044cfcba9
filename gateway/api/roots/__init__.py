"""The root fields, subject by subject; `queries`, `mutations` and `subscriptions` join them."""
