"""What planners see beside Processing's own dialogs. Shows and edits; computes nothing."""
