"""The running process: the edges to Matrix and the terminal, and the plumbing between them."""
