"""What the tests share: workers, order, signals, other interpreters."""
