"""What the tests speak with: a daemon, its clock, people whose methods are the verbs of the domain."""
