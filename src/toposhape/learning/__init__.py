"""Any training: loop, schedule, checkpoints, random numbers, optimisers. It knows no network."""
