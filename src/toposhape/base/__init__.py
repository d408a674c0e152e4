"""What is no science: whole files, locks, checksums, workers, threads, kernels, GPU leases."""
