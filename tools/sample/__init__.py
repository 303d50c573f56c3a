"""Parts of the made-up county 清河县: see tools/make_sample.py."""
