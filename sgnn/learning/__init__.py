"""Learning: streams of simulated draws, tasks, networks, training, and prediction on real data."""
