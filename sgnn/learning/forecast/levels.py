"""The 23 quantile levels of the forecast hubs; without PyTorch, for whoever only scores or shows forecasts."""

LEVELS: tuple[float, ...] = (0.01, 0.025, *(round(0.05 * step, 2) for step in range(1, 20)), 0.975, 0.99)
MEDIAN = LEVELS.index(0.5)
