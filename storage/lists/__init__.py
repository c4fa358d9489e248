"""Tables that people bring and take along: who takes part, who was there, as CSV or Excel."""
