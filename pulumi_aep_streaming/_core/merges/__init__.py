"""Three-way merges of desired, state and live, each into the fewest JSON Patch operations. Pure.

What somebody else changed since state was written is left alone; what only the program changed is sent; what both changed
differently is a `Conflict`, or the program's.
"""
