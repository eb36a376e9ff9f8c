"""A typed client of Adobe's Flow Service, for the part of it that streaming destinations need.

It knows nothing of Pulumi. Direction: client > transport > exchange, auth > models, errors.
"""
