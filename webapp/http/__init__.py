"""How HTTP is spoken: bodies, queries and headers in; answers, caching, paging and waits out."""
