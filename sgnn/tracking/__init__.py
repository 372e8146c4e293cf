"""Tracking and release: the one place that knows MLflow. Its modules are imported where used, for MLflow is slow."""
