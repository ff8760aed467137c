"""What the platform costs, in calls, capacity, money and CPU. Reported, never asserted."""
