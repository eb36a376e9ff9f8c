"""What a sandbox has, as a file in the repository says: read by previews, look-ups and commands, without a call.

`contents.py` is what there is to ask, `file.py` how it is written and found, `configured.py` which one the settings name,
`differences.py` what two of them disagree about, `knowledge.py` what a declaration is checked against. It is read in every
preview, so it loads neither pydantic nor requests. Here belongs no call, and nothing that a sandbox keeps to itself: no secret,
no profile, no person's name.
"""
