"""统一认证: speaks OpenID Connect with a sign-in provider, as 爱山东 or 山东通 might; their contracts are not public.

Not here: whose account a subject is (people), discovery and dynamic registration: the operator names every address.
"""
