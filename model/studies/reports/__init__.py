"""Studies of what was reported: questions from here on, what was learned, the news day by day, what to watch."""
