"""What Sluice's services share. A module comes here with its second consumer, not before."""
