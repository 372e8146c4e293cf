"""Epidemics: simulators, observation, real data and protocols of infectious disease."""
