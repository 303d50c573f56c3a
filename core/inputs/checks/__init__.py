"""What is wrong with layers as they were delivered, found before a review; `run.check_layers` does all of it."""
