"""The task `cascades.source`: who began a cascade, as a posterior over all nodes that may have."""
