"""Every forecast kept and scored. May import `errors`, `files`, `assumptions` and `simulation`."""
