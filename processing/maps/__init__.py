"""Map sheets for the review meeting: layouts made from a review package alone."""
