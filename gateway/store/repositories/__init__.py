"""The flow's repositories over tables: one class for each room of the merchant's data."""

from gateway.store.repositories.deliveries import SqlDeliveries
from gateway.store.repositories.incidents import SqlIncidents
from gateway.store.repositories.messages import SqlInbox, SqlMemory, SqlQuarantine
from gateway.store.repositories.orders import SqlOrders, whole_orders
from gateway.store.repositories.quotes import SqlQuotes
from gateway.store.repositories.routes import SqlFleet, SqlRoutes
from gateway.store.repositories.stores import SqlPrivacyRequests, SqlProducts, SqlReports, SqlSyncs

__all__ = [
    "SqlDeliveries",
    "SqlFleet",
    "SqlInbox",
    "SqlIncidents",
    "SqlMemory",
    "SqlOrders",
    "SqlPrivacyRequests",
    "SqlProducts",
    "SqlQuarantine",
    "SqlQuotes",
    "SqlReports",
    "SqlRoutes",
    "SqlSyncs",
    "whole_orders",
]
