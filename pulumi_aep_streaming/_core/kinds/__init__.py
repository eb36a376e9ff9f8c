"""The kinds of objects that the package manages, one file each: what may be declared of one, and how it is sent and read back.

Here belongs what holds for one kind only; what holds for all is in the modules beside this folder. A kind is pure but for the
calls that it makes through the client that it is handed; it talks to nobody. Nothing is imported here: threads that load two
kinds at once would wait for each other.
"""
