"""持证主体: persons and organisations that hold licences, and who may show an organisation's licences.

Their accounts are `people.User` rows that name a holder; devices and contact data are a later part.
"""
