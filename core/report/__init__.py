"""Tables, documents and texts made from a review."""
