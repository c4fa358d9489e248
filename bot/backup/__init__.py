"""`kursbot backup` and `kursbot restore`: what outlives the machine, in one file."""
