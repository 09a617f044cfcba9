-- Tours and plans by what is in them; this file never changes.

-- The tour of a delivery, and that of a stop that a dispatcher drags.
CREATE INDEX routes_stops ON routes USING gin ((doc -> 'stops'));

-- The plan that says why a delivery has no place.
CREATE INDEX route_plans_unassigned ON route_plans USING gin ((doc -> 'unassigned'));

-- The tours of a plan.
CREATE INDEX routes_plan ON routes (merchant_id, plan_id, starts_at);
