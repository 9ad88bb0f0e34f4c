"""Speed, memory and precision of the model, each as a ratio measured in one run: `make bench`."""
