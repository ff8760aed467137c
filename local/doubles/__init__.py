"""What the doubles of AWS services share: error shapes, faults on demand, serving."""
