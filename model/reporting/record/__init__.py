"""The page "How good were we?"."""
