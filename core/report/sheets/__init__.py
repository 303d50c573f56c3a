"""Map sheets: what stands in their tables, where call-outs have room, round scales, how files of ours are known."""
