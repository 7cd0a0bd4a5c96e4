"""What a record did to a forecast and why: updates, weight of evidence, what-if, tripwires."""
