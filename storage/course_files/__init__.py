"""A course as the file that organisers write: read it, say what is wrong, bring it in, write it."""
