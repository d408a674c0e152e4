"""What jobs do: typed functions that the workflow's scripts and the command line share."""
