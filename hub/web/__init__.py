"""Thin ways in over HTTP: the API, the pages, the webhooks."""
