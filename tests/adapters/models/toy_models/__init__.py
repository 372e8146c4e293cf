"""Models of other libraries, as somebody's own package."""
