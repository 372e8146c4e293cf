"""A chemist's own package: draws are tables of doses and responses, each of another length."""
