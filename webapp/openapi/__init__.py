"""The API described: an OpenAPI 3.1 document made from the types that validate, and its page."""
