"""What is known of each node as a candidate: the columns of `candidate_scores`."""

(
    MEAN_DISTANCE,
    ECCENTRICITY,
    UNREACHABLE,
    RUMOR,
    ORDER,
    NEAR,
    NEARER,
    SLOPE,
    INTERCEPT,
    RESIDUAL,
    CORRELATION,
    EARLIEST,
    ADJACENT,
    EARLY,
    LIKELIHOOD,
) = range(15)
"""Mean and largest distance to reported nodes and the share out of reach; log rumor centrality of the tree of shortest
paths, log probability of its order; shares of reported nodes one tie and at most two away; slope, intercept, residual
deviation and correlation of told times on distance; mean distance to those told earliest, the share of them next to it,
and the share of told times that are less than any spread from it in steps would allow; log likelihood of who is
reported, and in which order, by `order_likelihoods`."""
COLUMNS = 15
