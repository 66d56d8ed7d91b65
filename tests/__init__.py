"""Sentences about Hub, told over real servers and captured bytes."""
