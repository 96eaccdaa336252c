"""Who may do what: callers, tokens, sessions, other sites, and how much one may ask."""
