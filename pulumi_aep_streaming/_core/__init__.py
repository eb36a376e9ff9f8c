"""What Flow Service needs, decided: the lifecycle of objects, the merges, whose an object is, what may be declared.

It knows neither Pulumi nor HTTP: who hosts it (a dynamic provider, a command) hands it bags of plain values, settings, a memory
and somebody to talk to. Here belongs every decision; never a word to the engine, never a request.
"""
