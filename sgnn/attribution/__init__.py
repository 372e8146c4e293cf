"""Attribution: the simulations that look like the data, what they say of its origin, and whether any does."""
