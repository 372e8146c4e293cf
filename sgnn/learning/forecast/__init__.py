"""Forecasting series: quantiles of the next steps from scale-free features of the past, for any kind of count."""
