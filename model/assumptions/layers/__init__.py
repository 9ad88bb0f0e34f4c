"""What is laid over a base case: scenarios, dated updates, what-ifs of the command line."""
