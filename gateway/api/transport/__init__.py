"""GraphQL over HTTP and over a WebSocket, as one ASGI application."""
