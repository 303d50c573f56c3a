"""What a layer beside the lines is for; in the piece store these stand beside the ids of lines."""

CONSTRUCTION, COVERAGE = "@construction", "@coverage"
LAND_USE, PLANNED_LAND_USE, EARLIER_LAND_USE = "@land_use", "@planned_land_use", "@earlier_land_use"
BUILDINGS = "@buildings"
