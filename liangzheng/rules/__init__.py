"""规则: the rules of procedure as versioned data with their articles, and their pure evaluation.

It knows no table, no clock and no licence; a rule that blocks says what would unblock it.
"""
