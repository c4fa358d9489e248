"""The edge to Matrix: the only place that knows nio."""
