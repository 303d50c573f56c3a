"""One review run, its package, and what changed since the run before."""
