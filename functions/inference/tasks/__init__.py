"""One module per task, all with the same three functions (`task.Task`)."""
