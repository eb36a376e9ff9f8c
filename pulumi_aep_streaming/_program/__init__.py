"""The user's process: from Python arguments to the property bags that the engine keeps.

Here belongs what all resources, the component and the look-ups share while a program runs: Inputs, resource options, Args, what
one run shares. Nothing here calls Flow Service but a look-up, and nothing here decides what the service needs.
"""
